"""``maverick filtering``: raw contacts are kept, or filtered with the reason."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from maverick_core.access.rules import Action
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.filtering.codes import KEPT, WORDS, FilterCode
from maverick_core.pipeline.filtering.rule_set import as_plain
from maverick_core.pipeline.filtering.service import Difference, Filtered, Told
from maverick_runners.cli import disposable
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import (
    Form,
    Output,
    print_json,
    print_rows,
    resumable,
    say,
    stderr,
    stdout,
)
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(help="Raw contacts: which are kept, which are not and why.", no_args_is_help=True)
rules_app = typer.Typer(help="A workspace's filter rules, version by version.")
app.add_typer(rules_app, name="rules", no_args_is_help=True)
app.add_typer(disposable.app, name="disposable")

_LINE_EVERY_SECONDS: Final = 10.0  # where there is no terminal to draw on

_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Whose contacts they are.")]
_File = Annotated[Path, typer.Argument(help="A rule set as JSON.", metavar="FILE")]


@app.command("run")
def run(
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only this one's contacts.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge every contact, put none on record.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Judge the raw contacts that wait; what is kept waits for verification then.

    Running it again, or after a crash, goes on where it was; where nothing waits it does nothing.
    """
    with session() as wired, resumable():
        done = [_filter(wired, slug, dry_run=dry_run) for slug in _slugs(wired, workspace)]
    if output is Form.JSON:
        print_json({"dry_run": dry_run, "filtered": [_as_json(each) for each in done]})
        return
    for each in done:
        _print(each, dry_run=dry_run)


@rules_app.command("show")
def show_rules(workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Print the rules in force as JSON, which "rules set" takes; version 0 are the defaults."""
    with session() as wired:
        version, judge = wired.judges.in_force(wired.store.workspace(workspace).id)
    rules = as_plain(judge.rules)
    if output is Form.JSON:
        print_json({"workspace": workspace, "version": version, "rules": rules})
        return
    stdout.print_json(data=rules, highlight=False)
    say(f"Version {version} of the rules of {workspace}.")


@rules_app.command("set")
def set_rules(workspace: _Slug, file: _File, output: Output = Form.TABLE) -> None:
    """Put a rule set in force, from the next run on. What was judged stays as it is."""
    with session() as wired, audited(wired, Action.RULES_SET, workspace, slug=workspace):
        version = wired.set_rules(workspace, _text(file), by=who())
    if output is Form.JSON:
        print_json({"workspace": workspace, "version": version})
        return
    say(f"Version {version} of the rules of {workspace} is in force.")


@rules_app.command("history")
def history(workspace: _Slug, output: Output = Form.TABLE) -> None:
    """List every version of a workspace's rules: who set it, and when."""
    with session() as wired:
        versions = wired.store.rule_sets(wired.store.workspace(workspace).id)
    if output is Form.JSON:
        print_json({"workspace": workspace, "versions": versions})
        return
    if not versions:
        say("The default rules are in force; nobody set others.")
        return
    rows = [(each.version, each.at, each.by, each.definition) for each in versions]
    print_rows(f"Rules of {workspace}", ("version", "set", "by", "rules"), rows)


@app.command("what-if")
def what_if(workspace: _Slug, file: _File, output: Output = Form.TABLE) -> None:
    """Try a rule set on the contacts that were judged already, and change nothing."""
    with session() as wired, _progress(workspace) as told:
        difference = wired.what_if(workspace, _text(file), told)
    if output is Form.JSON:
        print_json(difference)
        return
    _print_difference(difference)


def _filter(wired: Wired, slug: str, *, dry_run: bool) -> Filtered:
    with _progress(slug) as told:
        if dry_run:
            return wired.rehearse_filter(slug, told)
        with audited(wired, Action.FILTER_RUN, slug, slug=slug):
            return wired.filter_contacts(slug, told)


def _slugs(wired: Wired, slug: str | None) -> Sequence[str]:
    return [slug] if slug else [each.slug for each in wired.store.workspaces()]


def _as_json(done: Filtered) -> Mapping[str, Any]:
    return {
        "workspace": done.slug,
        "rules_version": done.rules_version,
        "rows": done.rows,
        "kept": done.codes.get(KEPT, 0),
        "codes": {code: rows for code, rows in sorted(done.codes.items()) if code != KEPT},
    }


def _print(done: Filtered, *, dry_run: bool) -> None:
    verb = "would be kept" if dry_run else "kept"
    rest = done.rows - done.codes.get(KEPT, 0)
    row = (done.rows, done.codes.get(KEPT, 0), rest)
    print_rows(f"Filtering of {done.slug}", ("rows", verb, "filtered"), [row])
    if rest:
        rows = [
            (code.value, done.codes[code], WORDS[code].meaning)
            for code in FilterCode
            if done.codes.get(code)
        ]
        print_rows("Filtered", ("code", "rows", "why"), rows)


def _print_difference(difference: Difference) -> None:
    codes = [KEPT, *FilterCode]
    before, after = difference.before, difference.after
    rows = [
        (str(code), before.get(code, 0), after.get(code, 0))
        for code in codes
        if before.get(code) or after.get(code)
    ]
    print_rows(f"{difference.rows:,} contacts of {difference.slug}", ("", "was", "would be"), rows)
    if not difference.changes:
        say("These rules would have changed nothing.")
        return
    changed = [
        (each.before, each.after, each.rows, ", ".join(map(str, each.examples)))
        for each in difference.changes
    ]
    print_rows("Changes", ("was", "would be", "rows", "raw contacts"), changed)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(
            f"{file.name} cannot be read as text.",
            code="bad_file",
            remedy="Name a file of UTF-8 text that you may read.",
        ) from error


@contextmanager
def _progress(slug: str) -> Iterator[Told]:
    """Show on stderr how far it is: a line that moves on a terminal, one now and then elsewhere."""
    begun = told_at = time.monotonic()

    def words(rows: int, codes: Mapping[str, int]) -> str:
        rate = rows / max(time.monotonic() - begun, 1e-3)
        return f"{slug}: {rows:,} rows · {rate:,.0f}/s · {codes.get(KEPT, 0):,} kept"

    if not stderr.is_terminal:

        def tell_now_and_then(rows: int, codes: Mapping[str, int]) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _LINE_EVERY_SECONDS:
                told_at = time.monotonic()
                say(words(rows, codes))

        yield tell_now_and_then
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(slug, total=None)
        yield lambda rows, codes: bar.update(task, description=words(rows, codes))
