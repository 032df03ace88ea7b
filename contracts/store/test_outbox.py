"""``Outbox`` and ``Announcements``: work is announced in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.store.site import LEASE, NOVEMBER, Site, at_once
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement, JobState
from maverick_core.jobs.service import RelayOutbox
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.batch import BatchEvent, BatchState

PATIENCE = 60.0
HOLD = 30.0


class Ears:
    """Queues that hear everything, or are deaf to the batches in ``deaf``."""

    def __init__(self, *deaf: int) -> None:
        self.deaf = set(deaf)
        self.heard: list[int] = []
        self.batches: list[int] = []

    def enqueue(self, announcement: Announcement) -> str:
        """Hear it."""
        if announcement.arg in self.deaf:
            raise Unavailable("Redis is not reachable.", code="redis_unavailable")
        self.heard.append(announcement.arg)
        if announcement.actor == UPLOAD_ACTOR:
            self.batches.append(announcement.arg)
        return f"message-{len(self.heard)}"


def heard(site: Site) -> Sequence[int]:
    """Relay once and return the batches that the workers were told of."""
    ears = Ears()
    RelayOutbox(site.record, ears)()
    return ears.batches


def announce(site: Site) -> int:
    """Sweep once."""
    return site.record.announce_waiting(patience_seconds=PATIENCE, limit=100)


def failed(site: Site) -> int:
    """Return a failed batch that has been heard of."""
    batch, _ = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)
    site.end(claim, BatchEvent.FAIL, "unavailable")
    return batch


def test_planned_batches_are_announced_once(site: Site) -> None:
    """The first in the plan is told first, with the actor and the queue that uploads."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob", "cy")
    planned = site.plan(acme, [ids[0]], [ids[1]], [ids[2]])

    taken = site.record.take_announcements(limit=2, hold_seconds=HOLD)

    assert [each.arg for each in taken] == list(planned[:2])
    assert {(each.queue, each.actor) for each in taken} == {(UPLOAD_QUEUE, UPLOAD_ACTOR)}
    assert heard(site) == [planned[2]]


def test_a_plan_that_fails_announces_nothing(site: Site) -> None:
    """The announcement exists if and only if the batch does."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann")

    def plan() -> None:
        with site.record.reserve(acme.id, NOVEMBER) as reservation:
            reservation.add_batches([ids], campaign_id=None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        plan()

    assert heard(site) == []


def test_a_claim_takes_the_announcement_away(site: Site) -> None:
    """Whoever found the batch by other means leaves nothing for the relay."""
    batch, _ = site.batch("ann")
    site.claim(batch)

    assert heard(site) == []


def test_a_requeued_batch_is_announced_again(site: Site) -> None:
    """Its fence moved: it is news."""
    batch = failed(site)
    site.record.requeue(batch, site.decision())

    assert heard(site) == [batch]


def test_a_wish_to_cancel_is_announced_when_a_worker_has_to_end_it(site: Site) -> None:
    """A failed batch in doubt becomes ready, and somebody must settle it."""
    batch = failed(site)

    assert site.record.cancel(batch, site.decision()) is BatchState.READY
    assert heard(site) == [batch]


def test_a_wish_to_cancel_under_a_live_lease_needs_no_announcement(site: Site) -> None:
    """The worker that has the batch sees it."""
    batch, _ = site.batch("ann")
    site.claim(batch)
    site.record.cancel(batch, site.decision())

    assert heard(site) == []


def test_what_was_sent_is_not_sent_again(site: Site) -> None:
    """One message for one announcement, and its job is on record as queued."""
    batch, _ = site.batch("ann")

    assert heard(site) == [batch]
    assert heard(site) == []
    [job] = site.record.jobs()
    assert (job.message_id, job.arg, job.state) == ("message-1", batch, JobState.QUEUED)
    assert (job.queue, job.actor, job.attempts) == (UPLOAD_QUEUE, UPLOAD_ACTOR, 0)


def test_what_was_taken_and_never_marked_is_handed_out_again(site: Site) -> None:
    """A relay died between sending and marking; a second message is harmless."""
    batch, _ = site.batch("ann")
    site.record.take_announcements(limit=10, hold_seconds=HOLD)

    assert heard(site) == []
    site.clock.advance(HOLD)
    assert heard(site) == [batch]


def test_what_a_broker_did_not_take_waits_for_the_next_round(site: Site) -> None:
    """The error is raised, what went before it is marked, the rest is free at once."""
    first, _ = site.batch("ann")
    second, _ = site.batch("bob")
    third, _ = site.batch("cy")
    ears = Ears(second)

    with pytest.raises(Unavailable):
        RelayOutbox(site.record, ears)()

    assert ears.heard == [first]
    assert heard(site) == [second, third]


def test_two_relays_share_the_announcements(site: Site) -> None:
    """None is told twice while both are well."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(20)))
    planned = site.plan(acme, *([each] for each in ids))
    ears = [Ears() for _ in range(4)]

    at_once(*(RelayOutbox(site.record, each, limit=5) for each in ears))
    rest = heard(site)

    told = [batch for each in ears for batch in each.heard]
    assert sorted([*told, *rest]) == list(planned)


def test_the_sweep_says_nothing_of_what_was_announced(site: Site) -> None:
    """Neither before it is sent nor, for a while, after."""
    site.batch("ann")

    assert announce(site) == 0
    heard(site)
    site.clock.advance(PATIENCE - 1)
    assert announce(site) == 0


def test_the_sweep_announces_again_what_was_sent_long_ago(site: Site) -> None:
    """The broker lost its memory: latency only."""
    batch, _ = site.batch("ann")
    heard(site)
    site.clock.advance(PATIENCE)

    assert announce(site) == 1
    assert announce(site) == 0
    assert heard(site) == [batch]


def test_the_sweep_announces_a_batch_whose_worker_died(site: Site) -> None:
    """Its fence moved with the claim, so nobody waits for the patience."""
    batch, _ = site.batch("ann")
    heard(site)
    site.claim(batch)
    assert announce(site) == 0

    site.leases_run_out()

    assert announce(site) == 1
    assert heard(site) == [batch]


def test_the_sweep_leaves_batches_on_hold_alone(site: Site) -> None:
    """A claim would be refused; once a token is stored they are announced."""
    acme = site.workspace(token=None)
    [contact] = site.contacts(acme, "ann")
    site.plan(acme, [contact])
    heard(site)
    site.clock.advance(LEASE + PATIENCE)

    assert announce(site) == 0


def test_the_sweep_looks_at_the_oldest_that_wait(site: Site) -> None:
    """A long queue is not announced twice as a whole."""
    batches = [site.batch(name)[0] for name in ("ann", "bob", "cy")]
    heard(site)
    site.clock.advance(PATIENCE)
    site.record.announce_waiting(patience_seconds=PATIENCE, limit=2)

    assert heard(site) == batches[:2]


def test_old_announcements_are_forgotten(site: Site) -> None:
    """A batch that was cancelled before anybody claimed it leaves one behind."""
    batch, _ = site.batch("ann")
    heard(site)
    site.record.cancel(batch, site.decision())
    site.clock.advance(PATIENCE)
    site.record.forget_jobs(before=site.clock.now() - timedelta(seconds=1))

    assert announce(site) == 0
    assert heard(site) == []
