"""``Targets``: what is asked for, and how far it is."""

from __future__ import annotations

from functools import partial

import pytest

from contracts.store.site import NOVEMBER, Site, at_once
from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.targets.rules import TargetAccount


def test_a_target_is_set_and_replaced(site: Site) -> None:
    """The last one counts; other months and workspaces keep theirs."""
    acme, zeta = site.workspace(target=100), site.workspace("zeta", target=7)
    site.record.set_target(acme.id, Month(2026, 12), 5, at=site.clock.now())

    site.record.set_target(acme.id, NOVEMBER, 50, at=site.clock.now())

    assert site.record.account(acme.id, NOVEMBER).target == 50
    assert site.record.account(acme.id, Month(2026, 12)).target == 5
    assert site.record.account(zeta.id, NOVEMBER).target == 7


def test_a_target_of_none_is_told_from_no_target(site: Site) -> None:
    """0 says that nothing is to be uploaded; None that nobody said anything."""
    acme = site.workspace(target=0)

    assert site.record.account(acme.id, NOVEMBER).target == 0
    assert site.record.account(acme.id, Month(2026, 12)) == TargetAccount(None)
    assert site.record.recount(acme.id, Month(2026, 12)) == TargetAccount(None)


def test_every_contact_of_a_month_is_in_one_part_of_its_account(site: Site) -> None:
    """Of seven: two taken, one of them not attachable, one skipped, one rejected, three in doubt.

    Those of a second batch, never sent, are reserved too but not in doubt.
    """
    batch, members = site.batch(*"abcdefg", campaign_id=9)
    acme = site.workspace_id(batch)
    workspace = site.record.workspaces()[0]
    site.plan(workspace, site.contacts(workspace, "h", "i"))
    claim = site.claim(batch)
    site.send(claim)
    site.settle(
        claim,
        Settle(
            0,
            accepted=[(members[0], 11), (members[1], 12)],
            skipped=[members[2]],
            rejected=[(members[3], "bounced")],
        ),
    )
    site.settle(claim, Settle(0, not_attachable=[(members[1], "in another sequence")]))

    account = site.record.account(acme, NOVEMBER)

    assert account == TargetAccount(
        target=10_000,
        uploaded=2,
        reserved=5,
        skipped=1,
        rejected=1,
        in_doubt=3,
        not_attachable=1,
    )
    assert site.record.recount(acme, NOVEMBER) == account


def test_a_failed_batch_keeps_its_room(site: Site) -> None:
    """Decision 3: what a person may send round again is not given away."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.end(claim, BatchEvent.FAIL, "unavailable")

    assert site.account(batch).reserved == len(members)


def test_a_cancelled_batch_gives_its_room_back_and_keeps_what_was_taken(site: Site) -> None:
    """What Email Bison took stays counted."""
    batch, members = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(members[0], 11)]))
    site.record.finish(claim, End(BatchEvent.CANCEL, not_sent=(0,)))

    assert site.account(batch) == TargetAccount(10_000, uploaded=1)
    assert site.record.recount(site.workspace_id(batch), NOVEMBER) == site.account(batch)


def test_uploads_are_told_in_the_order_they_were_recorded(site: Site) -> None:
    """The forecast's days come from these: each with when and how many, the skipped left out."""
    batch, members = site.batch("ann", "bob", "cy", "di")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(members[0], 11), (members[1], 12)]))
    site.clock.advance(86_400)
    site.settle(claim, Settle(0, accepted=[(members[2], 13)], skipped=[members[3]], settled=True))

    uploads = site.record.uploads(site.workspace_id(batch), NOVEMBER)

    assert [contacts for _, contacts in uploads] == [2, 1]
    assert uploads == sorted(uploads)
    assert all(at.utcoffset() is not None for at, _ in uploads)
    assert list(site.record.uploads(site.workspace_id(batch), Month(2026, 12))) == []


def test_supply_is_what_a_plan_could_take(site: Site) -> None:
    """Contacts in a batch are not supply; those of a cancelled one are again."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob", "cy")
    site.contacts(site.workspace("zeta"), "di")
    [batch] = site.plan(acme, ids[:2])
    before = site.record.supply(acme.id)

    site.record.cancel(batch, site.decision())

    assert before == 1
    assert site.record.supply(acme.id) == 3


def test_of_targets_set_at_once_one_is_kept(site: Site) -> None:
    """Two writers on one row: no error, and no third figure."""
    acme = site.workspace(target=None)
    setting = partial(site.record.set_target, acme.id, NOVEMBER, at=site.clock.now())

    answers = at_once(*(partial(setting, contacts) for contacts in (10, 20, 30, 40)))

    assert answers == [None] * 4
    assert site.record.account(acme.id, NOVEMBER).target in (10, 20, 30, 40)


def test_every_change_of_a_target_is_on_record(site: Site) -> None:
    """From what to what, who, when and why; setting what is set already is no change."""
    acme = site.workspace(target=None)
    december, now = Month(2026, 12), site.clock.now()
    for contacts, why in ((5, "first"), (5, "again"), (8, "more")):
        site.record.set_target(acme.id, december, contacts, at=now, by="pat", reason=why)

    first, second = site.record.target_history(acme.id, december)

    assert (first.before, first.contacts, first.by, first.at) == (None, 5, "pat", now)
    assert (second.before, second.contacts, second.reason) == (5, 8, "more")
    assert second.id > first.id
    assert list(site.record.target_history(acme.id, NOVEMBER)) == []


def test_a_change_meant_for_another_version_changes_nothing(site: Site) -> None:
    """Somebody else was quicker; whoever says no version takes what is there."""
    acme = site.workspace(target=None)
    now = site.clock.now()
    site.record.set_target(acme.id, NOVEMBER, 5, at=now, version=0)
    [seen] = site.record.target_history(acme.id, NOVEMBER)
    site.record.set_target(acme.id, NOVEMBER, 6, at=now, version=seen.id)

    with pytest.raises(Conflict) as refused:
        site.record.set_target(acme.id, NOVEMBER, 7, at=now, version=seen.id)

    assert refused.value.code == "changed_meanwhile"
    assert site.record.account(acme.id, NOVEMBER).target == 6


def test_of_two_who_change_a_target_at_once_one_is_told(site: Site) -> None:
    """Also where no target is set yet, and so no row that could be locked."""
    acme = site.workspace(target=None)
    now = site.clock.now()

    def change(contacts: int) -> None:
        site.record.set_target(acme.id, NOVEMBER, contacts, at=now, version=0)

    results = at_once(*(partial(change, 1 + number) for number in range(4)))

    assert sum(result is None for result in results) == 1
    assert len(site.record.target_history(acme.id, NOVEMBER)) == 1


def test_the_months_with_a_target_are_listed_the_last_first(site: Site) -> None:
    """One's own only, and on from where a list ended."""
    acme, zeta = site.workspace("acme", target=None), site.workspace("zeta")
    for name in ("2026-12", "2025-02", "2026-01"):
        site.record.set_target(acme.id, Month.parse(name), 5, at=site.clock.now())
    whole = site.record.target_months(acme.id)
    part = site.record.target_months(acme.id, before=Month(2026, 12), limit=1)

    assert list(map(str, whole)) == ["2026-12", "2026-01", "2025-02"]
    assert list(map(str, part)) == ["2026-01"]
    assert list(site.record.target_months(zeta.id)) == [NOVEMBER]
