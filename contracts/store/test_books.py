"""``Books``: everything on record, for those who check it."""

from __future__ import annotations

from contracts.store.site import NOVEMBER, Site, at_once, contact
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchEvent, ChunkState
from maverick_core.pipeline.invariants import (
    ChunkRow,
    ContactRow,
    MemberRow,
    Snapshot,
    broken,
)
from maverick_core.targets.rules import TargetAccount


def test_empty_books_are_empty(site: Site) -> None:
    """Nothing is on record that nobody put there."""
    assert site.record.snapshot() == Snapshot([], [], [], [], [], {})


def test_the_books_hold_everything_in_order_of_id(site: Site) -> None:
    """Members by batch and position, counted from 0, as chunks are."""
    acme = site.workspace(campaign_id=42)
    ann, bob, cy = site.contacts(acme, "ann", "bob", "cy")
    first, second = site.plan(acme, [bob, ann], [cy])
    site.record.cancel(second, site.decision())
    claim = site.claim(first)
    site.accept(claim, [bob, ann], attached=True)
    site.end(claim, BatchEvent.FINISH)

    books = site.record.snapshot()

    emails = [contact(name).email for name in ("ann", "bob", "cy")]
    assert list(books.contacts) == [
        ContactRow(contact_id, acme.id, email)
        for contact_id, email in zip((ann, bob, cy), emails, strict=True)
    ]
    assert [row.id for row in books.batches] == [first, second]
    assert list(books.members) == [
        MemberRow(first, 0, bob, 0, released=False),
        MemberRow(first, 1, ann, 0, released=False),
        MemberRow(second, 0, cy, 0, released=True),
    ]
    assert list(books.chunks) == [
        ChunkRow(first, 0, ChunkState.ATTACHED, 2),
        ChunkRow(second, 0, ChunkState.PLANNED, 1),
    ]
    assert [row.contact_id for row in books.outcomes] == [ann, bob]
    assert books.accounts == {(acme.id, "2026-11"): TargetAccount(10_000, uploaded=2)}


def test_every_month_with_a_target_has_its_account(site: Site) -> None:
    """Whether or not anything was planned for it."""
    acme, zeta = site.workspace(), site.workspace("zeta", target=None)
    site.record.set_target(acme.id, Month(2026, 12), 5, at=site.clock.now())

    accounts = site.record.snapshot().accounts

    assert set(accounts) == {(acme.id, "2026-11"), (acme.id, "2026-12")}
    assert accounts[acme.id, "2026-12"] == site.record.account(acme.id, Month(2026, 12))
    assert zeta.id not in {workspace_id for workspace_id, _ in accounts}


def test_books_show_one_moment_whatever_goes_on(site: Site) -> None:
    """Read while batches are taken, settled and finished, they never contradict themselves."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(8)))
    batches = site.plan(acme, *([contact_id] for contact_id in ids))

    def upload() -> list[str]:
        for batch, contact_id in zip(batches, ids, strict=True):
            claim = site.claim(batch)
            site.accept(claim, [contact_id])
            site.end(claim, BatchEvent.FINISH)
        return []

    def audit() -> list[str]:
        return [fault for _ in range(10) for fault in broken(site.record.snapshot())]

    assert at_once(upload, audit, audit) == [[], [], []]
    assert site.record.account(acme.id, NOVEMBER).uploaded == len(ids)
