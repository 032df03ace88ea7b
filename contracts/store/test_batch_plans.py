"""``BatchPlans``: a month's room, held while batches are made in it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

import pytest

from contracts.store.site import NOVEMBER, Site, at_once
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import CHUNK_SIZE, BatchEvent, BatchState, ChunkState
from maverick_core.pipeline.batching.service import Plan, PlanBatches
from maverick_core.pipeline.invariants import ChunkRow
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.suppression.rules import SuppressionReason, parse_target
from maverick_core.targets.rules import TargetAccount

DECEMBER = Month(2026, 12)


def members_of(site: Site, batch_id: int) -> list[int]:
    """Return the members in their frozen order."""
    return [member.contact_id for member in site.record.members(batch_id)]


def test_batches_come_back_as_they_were_planned(site: Site) -> None:
    """Ready, with month and campaign stamped and the members in the order they were given."""
    acme = site.workspace(campaign_id=42)
    ids = site.contacts(acme, "ann", "bob", "cy")

    first, second = site.plan(acme, [ids[2], ids[0]], [ids[1]])

    row = site.record.snapshot().batch[first]
    assert (row.state, row.month, row.campaign_id) == (BatchState.READY, "2026-11", 42)
    assert (row.contacts, row.fence, row.claims) == (2, 0, 0)
    assert members_of(site, first) == [ids[2], ids[0]]
    assert members_of(site, second) == [ids[1]]


def test_batches_of_one_plan_have_consecutive_ids(site: Site) -> None:
    """They are named to people as a range."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob", "cy", "di")

    with site.record.reserve(acme.id, NOVEMBER) as reservation:
        first = reservation.add_batches([[ids[0]], [ids[1]]], campaign_id=None)
        second = reservation.add_batches([[ids[2]], [ids[3]]], campaign_id=None)

    assert second.start == first.stop
    listed = [view.id for view in site.record.batches()]
    assert listed == list(reversed([*first, *second]))


def test_a_batch_is_cut_into_chunks_once(site: Site) -> None:
    """Chunks are frozen with the batch, so that every attempt sends the same sets."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(CHUNK_SIZE + 1)))

    [batch] = site.plan(acme, ids)

    assert list(site.record.snapshot().chunks) == [
        ChunkRow(batch, 0, ChunkState.PLANNED, CHUNK_SIZE),
        ChunkRow(batch, 1, ChunkState.PLANNED, 1),
    ]
    assert [row.chunk for row in site.record.snapshot().members][CHUNK_SIZE - 1 :] == [0, 1]


def test_without_a_target_nothing_is_reserved(site: Site) -> None:
    """A month that nobody asked anything of is not planned for."""
    acme = site.workspace(target=None)

    with pytest.raises(Missing) as refused, site.record.reserve(acme.id, NOVEMBER):
        pass

    assert refused.value.code == "target_missing"


def test_a_reservation_knows_the_account(site: Site) -> None:
    """The account is the one of the moment when the lock was had."""
    batch, _ = site.batch("ann", "bob")
    workspace = site.workspace_id(batch)

    with site.record.reserve(workspace, NOVEMBER) as reservation:
        assert reservation.account == TargetAccount(10_000, reserved=2)


def test_eligible_contacts_come_in_pages_by_id(site: Site) -> None:
    """Each page starts after the last id of the one before."""
    acme = site.workspace()
    site.contacts(site.workspace("zeta"), "zoe")
    ids = site.contacts(acme, "ann", "bob", "cy", "di", "eve")

    with site.record.reserve(acme.id, NOVEMBER) as reservation:
        assert list(reservation.eligible(after=0, limit=2)) == ids[:2]
        assert list(reservation.eligible(after=ids[1], limit=2)) == ids[2:4]
        assert list(reservation.eligible(after=ids[3], limit=2)) == ids[4:]
        assert list(reservation.eligible(after=ids[4], limit=2)) == []


def test_only_free_contacts_are_eligible(site: Site) -> None:
    """Not those in a live batch, nor those with an outcome; those released are again."""
    acme = site.workspace()
    waiting, failed, done, cancelled = site.contacts(acme, "ann", "bob", "cy", "di")
    batches = site.plan(acme, [waiting], [failed], [done], [cancelled])
    site.end(site.claim(batches[1]), BatchEvent.FAIL, "unavailable")
    claim = site.claim(batches[2])
    site.send(claim)
    site.settle(claim, Settle(0, skipped=[done], settled=True))
    site.end(claim, BatchEvent.FINISH)
    site.record.cancel(batches[3], site.decision())

    with site.record.reserve(acme.id, NOVEMBER) as reservation:
        assert list(reservation.eligible(after=0, limit=10)) == [cancelled]


def test_a_planned_contact_is_no_longer_eligible_in_the_same_reservation(site: Site) -> None:
    """A reservation sees what it did itself."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob")

    with site.record.reserve(acme.id, NOVEMBER) as reservation:
        reservation.add_batches([ids[:1]], campaign_id=None)
        assert list(reservation.eligible(after=0, limit=10)) == ids[1:]


def test_a_released_contact_can_be_planned_again(site: Site) -> None:
    """Membership of the cancelled batch stays on record beside the new one."""
    batch, members = site.batch("ann")
    site.record.cancel(batch, site.decision())
    [acme] = site.record.workspaces()

    [again] = site.plan(acme, members)

    assert members_of(site, batch) == members_of(site, again) == members
    assert site.account(again).reserved == 1


def test_a_contact_is_in_one_live_batch_at_most(site: Site) -> None:
    """I11. Planning it twice is a defect of the planner, and nothing of that plan remains."""
    acme = site.workspace()
    ann, bob = site.contacts(acme, "ann", "bob")
    site.plan(acme, [ann])
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.plan(acme, [bob], [ann])

    assert site.record.snapshot() == before


def test_an_exception_leaves_no_batch(site: Site) -> None:
    """Whatever breaks a plan off, its contacts stay free and its room unreserved."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob")

    def plan_and_break_off() -> None:
        with site.record.reserve(acme.id, NOVEMBER) as reservation:
            reservation.add_batches([ids], campaign_id=None)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        plan_and_break_off()

    assert list(site.record.batches()) == []
    assert site.record.supply(acme.id) == 2
    assert site.record.account(acme.id, NOVEMBER).reserved == 0


def test_a_plan_waits_until_the_one_before_is_over(site: Site) -> None:
    """I4. The account that a plan goes by has in it what the one before it reserved."""
    acme = site.workspace(target=2)
    members = site.contacts(acme, "ann", "bob")
    got_in = threading.Event()

    def plan_too() -> TargetAccount:
        with site.record.reserve(acme.id, NOVEMBER) as reservation:
            got_in.set()
            return reservation.account

    with ThreadPoolExecutor(1) as thread:
        with site.record.reserve(acme.id, NOVEMBER) as reservation:
            waiting = thread.submit(plan_too)
            too_early = got_in.wait(timeout=0.2)
            reservation.add_batches([members], campaign_id=None)
        account = waiting.result()

    assert not too_early
    assert account.room == 0


def test_plans_at_once_never_exceed_the_target(site: Site) -> None:
    """I4. Without the lock two planners reserved 16 of 10 (reliability.md, Data model)."""
    acme = site.workspace(target=10)
    site.contacts(acme, *(f"p{number}" for number in range(40)))
    plan = PlanBatches(site.record, site.record, site.record, site.clock)

    plans = at_once(*[partial(plan, "acme", NOVEMBER)] * 6)

    assert sum(plan.contacts for plan in plans if isinstance(plan, Plan)) == 10
    assert all(isinstance(plan, Plan) for plan in plans)
    assert site.record.account(acme.id, NOVEMBER).reserved == 10


def test_plans_of_two_months_at_once_share_the_contacts_out(site: Site) -> None:
    """I11. The months' rooms are apart, the contacts are not."""
    acme = site.workspace(target=20)
    site.record.set_target(acme.id, DECEMBER, 20, at=site.clock.now())
    site.contacts(acme, *(f"p{number}" for number in range(30)))
    plan = PlanBatches(site.record, site.record, site.record, site.clock)

    plans = at_once(partial(plan, "acme", NOVEMBER), partial(plan, "acme", DECEMBER))

    assert all(isinstance(plan, Plan) for plan in plans), plans
    batches = [members_of(site, view.id) for view in site.record.batches()]
    assert sorted(chain(*batches)) == sorted(site.ids(acme).values())


def test_nobody_who_is_suppressed_is_planned(site: Site) -> None:
    """A page of them is passed over, however small pages are."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(9)))
    gone = [parse_target(f"p{number}@agency.example") for number in range(1, 6)]
    site.record.add_suppressions(
        acme.id, gone, SuppressionReason.MANUAL, by="pat", at=site.clock.now()
    )

    with site.record.reserve(acme.id, NOVEMBER) as reservation:
        found: list[int] = []
        while page := reservation.eligible(after=found[-1] if found else 0, limit=2):
            assert len(page) <= 2
            found += page
    assert found == ids[:1] + ids[6:]
