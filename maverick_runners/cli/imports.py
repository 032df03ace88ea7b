"""``maverick imports``: files that are or were imported, and what was rejected of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from maverick_adapters.csv_files import rejects_csv
from maverick_core.access.rules import Action
from maverick_core.kernel.errors import Conflict
from maverick_core.pipeline.raw_import.codes import reason
from maverick_core.pipeline.raw_import.rules import Import, ImportKind, ImportState
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.raw_import import carry_out, import_json, report
from maverick_runners.cli.session import session

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(help="Files that are or were imported.", no_args_is_help=True)

_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Whose imports they are.")]
_Id = Annotated[int, typer.Argument(help="The import's number.", metavar="IMPORT")]


@app.command("list")
def list_imports(
    workspace: _Slug,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 20,
    output: Output = Form.TABLE,
) -> None:
    """List a workspace's imports, the newest first, with how far each is."""
    with session() as wired:
        whose = wired.store.workspace(workspace)
        found = wired.store.imports(whose.id, limit=limit)
    if output is Form.JSON:
        print_json([import_json(workspace, each) for each in found])
        return
    if not found:
        say('There is no import yet. Begin one: "maverick import FILE -w SLUG".')
        return
    columns = ("import", "file", "kind", "state", "read", "rows", "added", "rejected", "begun")
    print_rows(f"Imports of {workspace}", columns, [_row(each) for each in found])


@app.command("show")
def show(import_id: _Id, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Show an import: how far it is, what became of its rows, and what is open."""
    with session() as wired:
        found = _one(wired, workspace, import_id)
        fates = wired.store.fates(import_id)
        codes = wired.store.reject_counts(import_id)
    if output is Form.JSON:
        print_json({**import_json(workspace, found), "fates": fates, "open": codes})
        return
    report(workspace, found, output, hints=bool(fates["waiting"] or codes))
    print_rows("What became of the rows", tuple(fates), [tuple(fates.values())])
    if codes:
        rows = [(code, n, reason(code, "")) for code, n in codes.items()]
        print_rows("Open", ("code", "rows", "why"), rows)
    if found.eta_seconds is not None:
        say(f"{found.rate:,.0f} rows/s, {found.eta_seconds:,.0f} s left.")


@app.command("rejects")
def rejects(
    import_id: _Id,
    workspace: _Slug,
    to: Annotated[
        Path | None, typer.Option("--to", help="A new file; by default they are printed.")
    ] = None,
) -> None:
    """Write the rows that wait for their correction, as CSV, with the reason and a token each.

    Correct them there, leave the columns in front as they are, and import that file.
    """
    with session() as wired:
        found = _one(wired, workspace, import_id)
        if found.kind is not ImportKind.RAW:
            raise Conflict(
                f"Import {import_id} is of a verified list: its rejects were written beside it.",
                code="import_kind",
                remedy="To have them once more, import the list again with --verified --rejects.",
            )
        lines = rejects_csv(wired.read_rejects(found))
        if to is None:
            _write(sys.stdout.buffer, lines)
            return
        try:
            with to.open("xb") as file:
                _write(file, lines)
        except FileExistsError as error:
            raise Conflict(
                f"{to} is there already.",
                code="rejects_exist",
                remedy="Move it away, or name another file with --to.",
            ) from error
    say(f"What was rejected of import {import_id} is in {to}.")
    maps = "".join(f' --map "{column}={field}"' for column, field in found.reading.fields.items())
    say(f"Correct it, then: maverick import {to} -w {workspace}{maps}")


@app.command("cancel")
def cancel(import_id: _Id, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """End an import before its end. Rows that are on record stay; whoever works on it stops."""
    with session() as wired:
        found = _one(wired, workspace, import_id)
        with audited(wired, Action.IMPORT_CANCEL, f"{workspace}/{import_id}", slug=workspace):
            wired.store.cancel_import(found.id, at=wired.clock.now())
        report(workspace, _one(wired, workspace, import_id), output)


@app.command("resume")
def resume(import_id: _Id, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Go on with an import that was interrupted, from where it is.

    Where its worker died a moment ago, wait until the lease is over: two minutes at most.
    """
    with session() as wired:
        found = _one(wired, workspace, import_id)
        if found.state is not ImportState.RUNNING:
            raise Conflict(
                f"Import {import_id} is {found.state}; there is nothing to go on with.",
                code="import_state",
                remedy=f'Look at it: "maverick imports show {import_id} -w {workspace}".',
            )
        ended = carry_out(wired, found)
    report(workspace, ended, output)


def _one(wired: Wired, slug: str, import_id: int) -> Import:
    return wired.store.import_of(wired.store.workspace(slug).id, import_id)


def _row(found: Import) -> tuple[object, ...]:
    return (
        found.id,
        found.file_name,
        found.kind,
        found.state,
        f"{found.read:.0%}" if found.kind == "raw" else "-",
        found.rows,
        found.added,
        found.rejected,
        found.started_at,
    )


def _write(file: BinaryIO, parts: Iterable[bytes]) -> None:
    file.writelines(parts)
    file.flush()
