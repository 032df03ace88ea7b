"""``Backlogs``: what waits, and since when."""

from __future__ import annotations

from contracts.store.site import LEASE, Site
from maverick_core.pipeline.backlog import Backlog
from maverick_core.pipeline.batch import BatchState

NONE = dict.fromkeys(BatchState, 0)


def test_nothing_waits_on_an_empty_record(site: Site) -> None:
    """Every state is there, with 0."""
    assert site.record.backlog() == Backlog(NONE)


def test_what_is_ready_waits_since_it_was_planned(site: Site) -> None:
    """The oldest one says since when, for batches and for announcements."""
    planned = site.clock.now()
    site.batch("ann")
    site.clock.advance(60)
    site.batch("ben")

    assert site.record.backlog() == Backlog(
        {**NONE, BatchState.READY: 2}, ready_since=planned, unsent_since=planned
    )


def test_an_announcement_that_was_sent_waits_no_more(site: Site) -> None:
    """Whether its worker takes it is the batch's affair."""
    batch_id, _ = site.batch("ann")
    [announcement] = site.record.take_announcements(limit=5, hold_seconds=30)
    site.record.announcements_sent({announcement.id: "m-1"})

    assert announcement.arg == batch_id
    assert site.record.backlog().unsent_since is None


def test_a_lease_that_ran_out_is_seen_until_it_is_taken_over(site: Site) -> None:
    """A worker that is alive is no reason to worry."""
    batch_id, _ = site.batch("ann")
    site.claim(batch_id)
    alive = site.record.backlog()
    site.leases_run_out()
    dead = site.record.backlog()
    site.clock.advance(LEASE)
    site.claim(batch_id, "worker-2")

    assert alive == Backlog({**NONE, BatchState.UPLOADING: 1})
    assert dead.expired_since is not None
    assert site.record.backlog() == alive
