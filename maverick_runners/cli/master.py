"""``maverick master``: every known contact once, and refills for workspaces that are short."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.email import normalise_email
from maverick_core.pipeline.filtering.codes import WORDS, FilterCode
from maverick_core.pipeline.master_fill.filling import Told
from maverick_core.pipeline.master_fill.overlap import MEANINGS, Overlap, RefillCode, parse_overlap
from maverick_core.pipeline.master_fill.ports import MasterView
from maverick_core.pipeline.master_fill.service import Refilled
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, resumable, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(
    help="Every known contact once over all workspaces, to refill those that are short.",
    no_args_is_help=True,
)

_LINE_EVERY_SECONDS: Final = 10.0

_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Which one to refill.")]


@app.command("fill")
def fill(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Empty the list first and make it afresh.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Tell the list what came in since the last fill: candidates, contacts, outcomes.

    Running it again, or after a crash, goes on where it was; where nothing came in it does nothing.
    """
    with session() as wired, resumable(), audited(wired, Action.MASTER_FILL, "master list"):
        filled = wired.fill_master(_told(), rebuild=rebuild)
    if output is Form.JSON:
        print_json(filled)
        return
    row = (filled.sightings, filled.outcomes)
    print_rows("Master list", ("sightings told", "outcomes told"), [row])


@app.command("show")
def show(
    email: Annotated[str, typer.Argument(help="A mailbox.", metavar="EMAIL")],
    output: Output = Form.TABLE,
) -> None:
    """Show what all workspaces together know of a mailbox, and where that is from."""
    with session() as wired:
        view = wired.store.master_contact(normalise_email(email))
        slugs = {each.id: each.slug for each in wired.store.workspaces()}
    document = _as_json(view, slugs)
    if output is Form.JSON:
        print_json(document)
        return
    rows = [(name.replace("_", " "), value) for name, value in document.items()]
    print_rows("Master list", ("", "is"), [(name, value) for name, value in rows if value])


@app.command("stats")
def stats(output: Output = Form.TABLE) -> None:
    """Count the list."""
    with session() as wired:
        counted = wired.store.master_stats()
    if output is Form.JSON:
        print_json(counted)
        return
    row = (counted.mailboxes, counted.shared, counted.uploaded)
    print_rows("Master list", ("mailboxes", "in several workspaces", "uploaded somewhere"), [row])
    if counted.outcomes:
        rows = sorted(counted.outcomes.items())
        print_rows("By their last outcome", ("outcome", "mailboxes"), rows)


@app.command("overlap")
def overlap(
    workspace: _Slug,
    days: Annotated[
        str | None, typer.Argument(help='"none", or a number of days.', metavar="[DAYS]")
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Say how close refills may come to other workspaces; without DAYS, show what holds.

    A number is the days that have to pass since another workspace uploaded a mailbox. With "none",
    which is the default, no other workspace may hold it at all.
    """
    with session() as wired:
        whose = wired.store.workspace(workspace)
        if days is not None:
            wanted = parse_overlap(days)
            with audited(wired, Action.MASTER_OVERLAP, workspace, slug=workspace):
                wired.set_overlap(workspace, wanted, by=who())
        holds = wired.store.overlap(whose.id)
    if output is Form.JSON:
        print_json({"workspace": workspace, "overlap": str(holds)})
        return
    say(f"{workspace}: {_words(holds)}")


@app.command("refill")
def refill(
    workspace: _Slug,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say whom it would bring; bring nobody.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Bring at most so many.")] = None,
    output: Output = Form.TABLE,
) -> None:
    """Bring a workspace the contacts that it is short of for its present month.

    They come as raw contacts: the filter and verification judge them next, so some will not stay.
    """
    with session() as wired, resumable():
        done = _refill(wired, workspace, limit, dry_run=dry_run)
    if output is Form.JSON:
        print_json({"dry_run": dry_run, **_refill_json(done)})
        return
    verb = "would be brought" if dry_run else "brought"
    row = (done.short, done.asked, done.looked_at, done.brought)
    print_rows(f"Refill of {workspace}", ("short of", "asked", "looked at", verb), [row])
    if done.codes:
        rows = [(code, count, _meaning(code)) for code, count in sorted(done.codes.items())]
        print_rows("Passed over", ("code", "mailboxes", "why"), rows)
    if done.brought and not dry_run:
        say(f'Judge them: "maverick filtering run -w {workspace}".')
    elif not done.short:
        say(f"{workspace} is short of nobody: what it has and what is on the way suffices.")


def _refill(wired: Wired, slug: str, limit: int | None, *, dry_run: bool) -> Refilled:
    if dry_run:
        return wired.rehearse_refill(slug, limit=limit)
    with audited(wired, Action.MASTER_REFILL, slug, slug=slug):
        return wired.refill_workspace(slug, by=who(), limit=limit)


def _as_json(view: MasterView, slugs: Mapping[int, str]) -> Mapping[str, Any]:
    contact = view.contact
    return {
        "email": contact.email,
        **contact.person._asdict(),
        "as_known_to": slugs[contact.person_from],
        "known_since": contact.person_at,
        "first_seen_in": slugs[contact.first_workspace_id],
        "first_seen_at": contact.first_seen_at,
        "first_origin": f"{contact.first_origin.kind} {contact.first_origin.id}",
        "last_seen_at": contact.last_seen_at,
        "workspaces": contact.workspaces,
        "last_outcome": contact.outcome,
        "last_outcome_in": slugs.get(contact.outcome_workspace_id or 0),
        "last_outcome_at": contact.outcome_at,
        "last_uploaded_at": contact.uploaded_at,
        "verdict": view.verdict,
    }


def _refill_json(done: Refilled) -> Mapping[str, Any]:
    return {
        "workspace": done.slug,
        "short": done.short,
        "asked": done.asked,
        "looked_at": done.looked_at,
        "brought": done.brought,
        "codes": dict(sorted(done.codes.items())),
        "run": done.run_id,
    }


def _words(overlap: Overlap) -> str:
    if overlap.days is None:
        return "a refill brings no mailbox that another workspace holds."
    return f"a refill brings a mailbox {overlap.days} days after its last upload elsewhere."


def _meaning(code: str) -> str:
    meanings = {str(each): meaning for each, meaning in MEANINGS.items()}
    return meanings[code] if code in set(RefillCode) else WORDS[FilterCode(code)].meaning


def _told() -> Told:
    """Return what says now and then how far a fill is."""
    told_at = time.monotonic()

    def tell(events: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _LINE_EVERY_SECONDS:
            told_at = time.monotonic()
            say(f"{events:,} told")

    return tell
