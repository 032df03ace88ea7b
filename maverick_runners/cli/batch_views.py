"""How batches look on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.contact import NOT_TAKEN
from maverick_core.pipeline.upload import failures
from maverick_core.pipeline.views import BatchView, BatchViews, MemberView, ReasonCount
from maverick_runners.cli.output import Form, plain, print_json, print_rows, say

_LIST = ("batch", "workspace", "month", "status", "contacts", "accepted", "skipped", "rejected")


def as_json(batch: BatchView) -> dict[str, Any]:
    """Return a batch as JSON shows it."""
    return {"name": batch_name(batch.id), **plain(batch)}


def status(batch: BatchView) -> str:
    """Return the state, and whether it is to end by a cancel; why it failed stands below."""
    cancelling = batch.cancel_requested and not _over(batch)
    return f"{batch.state} · cancelling" if cancelling else str(batch.state)


def _over(batch: BatchView) -> bool:
    return batch.state.value in {"uploaded", "cancelled"}


def remedy(batch: BatchView) -> str:
    """Return what to do about a failed batch."""
    return failures.remedy(batch.failure_code, slug=batch.slug)


def print_list(batches: Sequence[BatchView]) -> None:
    """Print a table of batches, and under it why the failed ones failed."""
    print_rows("Batches", _LIST, [_row(batch) for batch in batches])
    for batch in batches:
        if batch.failure_code:
            say(f"{batch_name(batch.id)} failed · {batch.failure_code}: {batch.failure_detail}")
            say(f"  {remedy(batch)}")


def _row(batch: BatchView) -> tuple[Any, ...]:
    return (
        batch_name(batch.id),
        batch.slug,
        batch.month,
        status(batch),
        batch.contacts,
        batch.accepted,
        batch.skipped,
        batch.rejected,
    )


def show(views: BatchViews, batch_id: int, *, contacts: bool, output: Form) -> None:
    """Print everything about one batch."""
    batch = views.batch(batch_id)
    attempts, decisions = views.history(batch_id)
    if output is Form.JSON:
        members = views.members(batch_id) if contacts else not_taken(views, batch_id)
        document = {"attempts": plain(attempts), "decisions": plain(decisions)}
        listed = [plain(member) for member in members]
        print_json({**as_json(batch), **document, "contacts_listed": listed})
        return
    print_list([batch])
    if attempts:
        columns = ("attempt", "worker", "started", "ended", "result", "why")
        rows = [
            (n, a.worker, a.started_at, a.ended_at, a.result, f"{a.code} {a.detail}".strip())
            for n, a in enumerate(attempts, start=1)
        ]
        print_rows("Attempts", columns, rows)
    if decisions:
        decided = [(d.action, d.by, d.at, d.reason) for d in decisions]
        print_rows("Decisions", ("action", "by", "at", "reason"), decided)
    if contacts:
        _print_members("Contacts", list(views.members(batch_id)))
    else:
        _print_reasons(views.reasons(batch_id))


def not_taken(views: BatchViews, batch_id: int) -> list[MemberView]:
    """Return the members that Email Bison, or its campaign, would not have."""
    return list(views.members(batch_id, states=NOT_TAKEN))


def _print_reasons(reasons: Sequence[ReasonCount]) -> None:
    if reasons:
        rows = [(each.state, each.reason, each.contacts) for each in reasons]
        print_rows("Not taken", ("state", "reason", "contacts"), rows)
        say("Skipped and rejected contacts do not count. Every contact: --contacts.")


def _print_members(title: str, members: Sequence[MemberView]) -> None:
    rows = [(m.contact_id, m.email, m.state, m.lead_id, m.reason) for m in members]
    print_rows(title, ("contact", "e-mail", "state", "lead", "reason"), rows)
