"""``maverick suppressions``: who must not be written to, whatever list they stand on."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.errors import Rejected
from maverick_core.suppression.rules import SuppressionReason, parse_target
from maverick_core.suppression.service import Suppressed
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(help="Mailboxes and domains that must not be written to.", no_args_is_help=True)

EXIT_NONE, EXIT_PARTLY = 1, 3
_SHOWN = 10  # numbers of lines that a message names

_Slug = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help="For this one's contacts only; otherwise for all."),
]
_Reason = Annotated[SuppressionReason, typer.Option(help="Why.")]
_Patterns = Annotated[
    list[str],
    typer.Argument(help="name@domain.tld, domain.tld or *.domain.tld.", metavar="PATTERN..."),
]


@app.command("add")
def add(
    patterns: _Patterns,
    workspace: _Slug = None,
    reason: _Reason = SuppressionReason.MANUAL,
    output: Output = Form.TABLE,
) -> None:
    """Suppress mailboxes or domains. It holds at once, also for batches that are being sent."""
    for pattern in patterns:
        parse_target(pattern)  # all of them or none
    with session() as wired, _audited(wired, Action.SUPPRESSION_ADD, workspace):
        done = wired.suppress(workspace, patterns, reason, by=who())
    _tell(done, output)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="One pattern a line.", metavar="FILE")],
    workspace: _Slug = None,
    reason: _Reason = SuppressionReason.MANUAL,
    output: Output = Form.TABLE,
) -> None:
    """Suppress a list: an e-mail or a domain a line, or in the first cell of each line.

    What stands behind # is left out. Importing it again adds nothing twice. Exit codes: 0 all
    lines were read, 3 some, 1 none.
    """
    try:
        with (
            file.open(encoding="utf-8-sig") as lines,
            session() as wired,
            _audited(wired, Action.SUPPRESSION_ADD, workspace),
        ):
            done = wired.suppress(workspace, lines, reason, by=who())
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(
            f"{file.name} cannot be read as text.",
            code="bad_file",
            remedy="Name a file of UTF-8 text that you may read.",
        ) from error
    _tell(done, output)
    if done.bad_lines:
        raise typer.Exit(EXIT_NONE if len(done.bad_lines) == done.read else EXIT_PARTLY)


@app.command("remove")
def remove(patterns: _Patterns, workspace: _Slug = None, output: Output = Form.TABLE) -> None:
    """Take suppressions away; one for all is taken away without --workspace only."""
    with session() as wired, _audited(wired, Action.SUPPRESSION_REMOVE, workspace):
        removed = wired.unsuppress(workspace, patterns)
    if output is Form.JSON:
        print_json({"removed": removed})
        return
    say(f"{removed:,} removed.")


@app.command("list")
def list_suppressions(
    workspace: _Slug = None,
    after: int = typer.Option(0, min=0, help="Only those with a greater number."),
    limit: int = typer.Option(50, min=1, max=10_000, help="How many, the oldest first."),
    output: Output = Form.TABLE,
) -> None:
    """List what holds: for all, and with --workspace for that one as well."""
    with session() as wired:
        whose = wired.store.workspace(workspace).id if workspace else None
        found = wired.store.suppressions(whose, after=after, limit=limit)
    if output is Form.JSON:
        rows = [
            {
                "id": each.id,
                "pattern": each.target.pattern,
                "for": "all" if each.workspace_id is None else workspace,
                "reason": each.reason,
                "at": each.at,
                "by": each.by,
            }
            for each in found
        ]
        print_json({"suppressions": rows})
        return
    if not found:
        say("Nobody is suppressed here." if not after else "There are no more.")
        return
    columns = ("number", "pattern", "for", "reason", "since", "by")
    print_rows(
        "Suppressions",
        columns,
        [
            (
                str(each.id),
                each.target.pattern,
                "all" if each.workspace_id is None else workspace,
                each.reason,
                each.at,
                each.by,
            )
            for each in found
        ],
    )


def _audited(wired: Wired, action: Action, slug: str | None) -> AbstractContextManager[None]:
    """Put on record for whom it is; whom it names is in the list alone."""
    return audited(wired, action, slug or "all", slug=slug)


def _tell(done: Suppressed, output: Form) -> None:
    if output is Form.JSON:
        print_json({"read": done.read, "added": done.added, "bad_lines": done.bad_lines})
        return
    say(f"{done.read:,} read, {done.added:,} added.")
    if done.bad_lines:
        numbers = ", ".join(map(str, done.bad_lines[:_SHOWN]))
        more = " and more" if len(done.bad_lines) > _SHOWN else ""
        say(f"No e-mail and no domain on line {numbers}{more}.")
        say(
            "Nobody was suppressed: one e-mail or domain a line, in its first cell."
            if len(done.bad_lines) == done.read
            else "The others are suppressed."
        )
