"""``maverick filtering disposable``: the list of domains that give mailboxes for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from maverick_core.access.rules import Action
from maverick_core.pipeline.filtering.disposable import (
    LINES_SHOWN,
    ListEntry,
    ListEvent,
    ListSource,
    domain_in,
)
from maverick_core.pipeline.filtering.refreshing import Refreshed
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(
    help="Domains that give mailboxes for a moment: without a command, what is in force.",
    invoke_without_command=True,
)

_REFRESHES: Final = (ListEvent.REPLACED, ListEvent.UNCHANGED, ListEvent.REFUSED)
_WORDS: Final[Mapping[ListSource | None, str]] = {
    ListSource.PACKAGED: "{domain} is disposable: the packaged list has {entry}.",
    ListSource.REFRESHED: "{domain} is disposable: the fetched list has {entry}.",
    ListSource.ALLOWED: "{domain} is none: {entry} is allowed here.",
    None: "{domain} is none: no list has it.",
}

_Domain = Annotated[str, typer.Argument(help="domain.tld, or name@domain.tld.", metavar="DOMAIN")]


@app.callback()
def show(context: typer.Context, output: Output = Form.TABLE) -> None:
    """Show what is in force: how many domains, from where, how old, and the last refresh."""
    if context.invoked_subcommand:
        return
    with session() as wired:
        document = _in_force(wired)
    if output is Form.JSON:
        print_json(document)
        return
    print_rows(
        "Disposable domains",
        ("", "is"),
        [(name.replace("_", " "), _shown(value)) for name, value in document.items()],
    )


@app.command("refresh")
def refresh(
    source: Annotated[
        str, typer.Option("--from", help="An address or a file, in place of the one that is set.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take it even if it lost more than half.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Fetch the list and put it in force, from the next run on; a bad one leaves all as it is."""
    with session() as wired:
        if dry_run:
            done = wired.refresh_disposable(source, by=who(), force=force, dry_run=True)
        else:
            with audited(wired, Action.DISPOSABLE_SET, "refresh"):
                done = wired.refresh_disposable(source, by=who(), force=force)
    if output is Form.JSON:
        print_json({"dry_run": dry_run, **_as_json(done)})
        return
    _tell(done, dry_run=dry_run)


@app.command("check")
def check(domain: _Domain, output: Output = Form.TABLE) -> None:
    """Say whether a domain, or an e-mail's, is disposable, and which list says so."""
    name = domain_in(domain)
    with session() as wired:
        listing = wired.disposable.disposable_list().listing(name)
    source, entry = listing or (None, None)
    if output is Form.JSON:
        disposable = source not in {None, ListSource.ALLOWED}
        print_json({"domain": name, "disposable": disposable, "source": source, "entry": entry})
        return
    say(_WORDS[source].format(domain=name, entry=entry))


@app.command("allow")
def allow(
    domain: _Domain,
    undo: Annotated[bool, typer.Option("--undo", help="Leave it to the lists again.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Say that a domain is no disposable one, whatever lists say; it holds from the next run on."""
    name = domain_in(domain)
    with session() as wired, audited(wired, Action.DISPOSABLE_SET, name):
        _, changed = wired.allow_domain(domain, by=who(), allowed=not undo)
    if output is Form.JSON:
        print_json({"domain": name, "allowed": not undo, "changed": changed})
        return
    words = f"{name} is left to the lists" if undo else f"{name} is allowed"
    say(f"{words}, from the next run on." if changed else f"{words} already.")


def _in_force(wired: Wired) -> Mapping[str, Any]:
    held = wired.disposable.disposable_list()
    took = wired.store.disposable_journal((ListEvent.REPLACED,), limit=1)
    confirmed = wired.store.disposable_journal((ListEvent.REPLACED, ListEvent.UNCHANGED), limit=1)
    last = wired.store.disposable_journal(_REFRESHES, limit=1)
    now = wired.clock.now()
    return {
        "domains": held.domains,
        "packaged": len(held.packaged),
        "fetched": len(held.refreshed),
        "allowed": sorted(held.allowed),
        "version": held.version,
        "source": took[0].source if took else None,
        "taken": took[0].at if took else None,
        "age_days": (now - confirmed[0].at).days if confirmed else None,
        "last_refresh": _outcome(last[0]) if last else "there was none",
    }


def _outcome(entry: ListEntry) -> str:
    when = f"{entry.at:%Y-%m-%d %H:%M} from {entry.source}"
    if entry.event is ListEvent.REFUSED:
        return f"{when}: refused. {entry.why}"
    if entry.event is ListEvent.UNCHANGED:
        return f"{when}: nothing had changed"
    return f"{when}: {entry.added:,} added, {entry.removed:,} removed"


def _as_json(done: Refreshed) -> Mapping[str, Any]:
    entry, read = done.entry, done.read
    return {
        "event": entry.event,
        "source": entry.source,
        "version": entry.version,
        "domains": entry.domains,
        "added": entry.added,
        "removed": entry.removed,
        "spared": read.spared if read else (),
        "bad_lines": len(read.bad_lines) if read else 0,
        "first_bad_lines": read.bad_lines[:LINES_SHOWN] if read else (),
    }


def _tell(done: Refreshed, *, dry_run: bool) -> None:
    entry, read = done.entry, done.read
    if entry.event is ListEvent.UNCHANGED:
        say(f"{entry.source} is what is in force: {entry.domains:,} domains.")
    else:
        title = "The list would become" if dry_run else "The list is"
        row = (entry.domains, entry.added, entry.removed)
        print_rows(f"{title} that of {entry.source}", ("domains", "added", "removed"), [row])
    if read and read.spared:
        say(f"Left out, because too many people have mailboxes there: {', '.join(read.spared)}.")
    if read and read.bad_lines:
        numbers = ", ".join(map(str, read.bad_lines[:LINES_SHOWN]))
        more = " and more" if len(read.bad_lines) > LINES_SHOWN else ""
        say(f"{len(read.bad_lines):,} lines are no domains: line {numbers}{more}.")


def _shown(value: Any) -> Any:
    return ", ".join(value) or None if isinstance(value, list) else value
