"""``maverick sources``: sites that contacts are taken from, described in a file each."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from maverick_adapters.system import worker_name
from maverick_core.access.rules import Action
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.scraping.ports import PageNote, RunView, SourceView
from maverick_core.pipeline.scraping.request import source_called
from maverick_core.pipeline.scraping.rules import RunState
from maverick_core.pipeline.scraping.service import LEASE_SECONDS
from maverick_core.pipeline.scraping.source import FIELDS, Source, describe, parse_source
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, resumable, say
from maverick_runners.cli.session import session, who

EXIT_FAILED, EXIT_PARTLY = 1, 3
_RUNS: Final = 10
_NOTES: Final = 20
_COUNTS: Final = ("pages", "contacts", "unchanged", "not read", "due")
_RUN_COLUMNS: Final = ("run", "state", *_COUNTS, "began", "why")

app = typer.Typer(help="Sites that contacts are taken from.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(help="The description, as TOML or JSON.", metavar="FILE")]
_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Whose source it is.")]
_Name = Annotated[str, typer.Argument(help="The source's name.", metavar="NAME")]


@app.command("try")
def try_source(
    file: _File,
    rows: Annotated[int, typer.Option(min=1, max=1_000, help="How many rows to show.")] = 10,
    output: Output = Form.TABLE,
) -> None:
    """Read the first page of a described site and show what it gives; keep nothing.

    Exit codes: 0 it gives contacts, 3 it gives none.
    """
    source = described(file)
    with session() as wired:
        trial = wired.try_source(source)
    shown = list(trial.rows)[:rows]
    if output is Form.JSON:
        print_json(
            {"url": trial.url, "contacts": len(trial.rows), "rows": shown, "next": trial.next}
        )
        return
    if not trial.rows:
        say(f"{trial.url} gives nothing: no contact is where the description looks for one.")
        say(
            "Look at the page's source and correct the item. A page that is filled in by JavaScript"
        )
        say('has nothing to read; look for its JSON address (kind = "json").')
        raise typer.Exit(EXIT_PARTLY)
    columns = [name for name in FIELDS if any(name in row for row in shown)] or ["email"]
    table = [tuple(row.get(name) for name in columns) for row in shown]
    print_rows(f"{len(trial.rows)} contacts on {trial.url}", columns, table)
    mailable = sum("email" in row for row in trial.rows)
    say(f"{mailable} of {len(trial.rows)} have an e-mail.")
    say(f"The next page: {trial.next[0]}" if trial.next else "It leads to no further page.")


@app.command("add")
def add(file: _File, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Keep a described site as a source; one of the same name is replaced."""
    source = described(file)
    subject = f"{workspace}/{source.name}"
    with session() as wired, audited(wired, Action.SOURCE_PUT, subject, slug=workspace):
        whose = wired.store.workspace(workspace)
        wired.store.put_source(whose.id, source, by=who(), at=wired.clock.now())
    if output is Form.JSON:
        print_json({"workspace": workspace, "source": source.name})
    else:
        say(f'{source.name} is kept. Run it: "maverick sources run {source.name} -w {workspace}".')


@app.command("list")
def list_sources(workspace: _Slug, output: Output = Form.TABLE) -> None:
    """List a workspace's sources with what each has brought so far."""
    with session() as wired:
        found = wired.store.sources(wired.store.workspace(workspace).id)
    if output is Form.JSON:
        print_json([_as_json(view) for view in found])
        return
    if not found:
        say('There is no source yet. Try one: "maverick sources try FILE".')
        return
    columns = ("name", "kind", "runs", "pages", "contacts", "last run", "ended", "why")
    print_rows(f"Sources of {workspace}", columns, [_row(view) for view in found])


@app.command("show")
def show(name: _Name, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Show a source: its description, its last runs, and what the last of them did not read."""
    with session() as wired:
        view = source_called(wired.store, wired.store.workspace(workspace).id, name)
        runs = wired.store.runs(view.id, limit=_RUNS)
        notes = wired.store.pages_not_read(view.id, limit=_NOTES)
    if output is Form.JSON:
        whole = {**_as_json(view), "description": describe(view.source)}
        print_json({**whole, "last_runs": runs, "pages_not_read": notes})
        return
    _print_description(view.source)
    if not runs:
        say(f'It never ran. Run it: "maverick sources run {name} -w {workspace}".')
        return
    print_rows("Its last runs", _RUN_COLUMNS, [_run_row(each) for each in runs])
    _print_notes(notes)


@app.command("run")
def run(name: _Name, workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Take the source's pages, or go on with a run that was interrupted.

    What is found are raw contacts; the filter judges them. Exit codes: 0 every page was read,
    3 some were, 1 none was.
    """
    with session() as wired, resumable():
        view = source_called(wired.store, wired.store.workspace(workspace).id, name)
        with audited(wired, Action.SOURCE_RUN, f"{workspace}/{name}", slug=workspace):
            run_id = wired.store.begin_run(view.id, at=wired.clock.now())
        end = wired.run_source(run_id, worker=worker_name(), breath=wired.airfield.flights())
        if end is None:
            minutes = LEASE_SECONDS / 60
            say("Another worker has this run; it is not taken twice.")
            say(f"If it died, the same command goes on {minutes:g} minutes after its last page.")
            raise typer.Exit(EXIT_FAILED)
        counts, notes = end.counts, wired.store.pages_not_read(view.id, limit=_NOTES)
    if output is Form.JSON:
        whole = {"workspace": workspace, "source": name, "run": run_id}
        print_json({**whole, "counts": counts, "pages_not_read": notes})
    else:
        row = (counts.pages, counts.contacts, counts.unchanged, counts.not_read, counts.due)
        print_rows(f"Run {run_id} of {name}", _COUNTS, [row])
        _print_notes(notes)
    if counts.not_read:
        raise typer.Exit(EXIT_FAILED if counts.not_read == counts.pages else EXIT_PARTLY)


def described(file: Path) -> Source:
    """Read a source's description.

    Raises:
        Rejected: there is no such file, it is neither TOML nor JSON, or it describes no source.

    """
    try:
        text = file.read_text(encoding="utf-8")
        found: Any = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeError) as error:
        raise Rejected(
            f"{file} cannot be read ({type(error).__name__}).",
            code="file_unreadable",
            remedy="Name a file of text that is there.",
        ) from error
    except ValueError as error:
        raise Rejected(
            f"{file} is not written as its name says: {error}.",
            code="bad_source",
            remedy="Write TOML, or JSON in a file called something.json.",
        ) from error
    if not isinstance(found, dict):
        raise Rejected(f"{file} describes no source.", code="bad_source")
    return parse_source(found)


def _print_description(source: Source) -> None:
    """Print how a source is read, each thing that was said of it in a line."""
    lines: list[tuple[str, object]] = []
    for name, value in describe(source).items():
        if isinstance(value, dict):
            lines += [(f"{name}.{part}", each) for part, each in value.items()]
        elif isinstance(value, list):
            lines += [(name, each) for each in value]
        else:
            lines.append((name, value))
    print_rows(f"Source {source.name}", ("what", "said"), lines)


def _print_notes(notes: Sequence[PageNote]) -> None:
    if notes:
        print_rows("Not read", ("page", "code", "why"), notes)


def _run_row(run: RunView) -> tuple[object, ...]:
    counts = run.counts
    taken = (counts.pages, counts.contacts, counts.unchanged, counts.not_read, counts.due)
    return (run.id, run.state, *taken, run.started_at, run.why or None)


def _row(view: SourceView) -> tuple[object, ...]:
    ended = view.last_state if view.last_state is not RunState.DONE else "well"
    return (
        view.source.name,
        view.source.kind,
        view.runs,
        view.pages,
        view.contacts,
        view.last_at,
        ended,
        view.last_why or None,
    )


def _as_json(view: SourceView) -> Mapping[str, object]:
    return {
        "name": view.source.name,
        "kind": view.source.kind,
        "runs": view.runs,
        "pages": view.pages,
        "contacts": view.contacts,
        "last_state": view.last_state,
        "last_why": view.last_why,
        "last_at": view.last_at,
    }
