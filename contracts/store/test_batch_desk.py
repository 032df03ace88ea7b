"""``BatchDesk``: what people and the sweeper do to batches from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from contracts.store.site import LEASE, Site, at_once
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchEvent, BatchState
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import Claim, NotClaimed, StaleWorker
from maverick_core.pipeline.views import DecisionView

Scene = Callable[[Site], int]


def failed(site: Site, *, in_doubt: bool = False) -> int:
    """Return a failed batch."""
    batch, _ = site.batch("ann", "bob")
    claim = site.claim(batch)
    if in_doubt:
        site.send(claim)
    site.end(claim, BatchEvent.FAIL, "unavailable")
    return batch


def ready(site: Site) -> int:
    """Return a ready batch."""
    return site.batch("ann", "bob")[0]


def uploading(site: Site) -> int:
    """Return a batch that a worker has."""
    batch = ready(site)
    site.claim(batch)
    return batch


def uploaded(site: Site) -> int:
    """Return an uploaded batch."""
    batch, members = site.batch("ann")
    claim = site.claim(batch)
    site.accept(claim, members)
    site.end(claim, BatchEvent.FINISH)
    return batch


def cancelled(site: Site) -> int:
    """Return a cancelled batch."""
    batch = ready(site)
    site.record.cancel(batch, site.decision())
    return batch


def test_a_requeued_batch_is_ready_as_new(site: Site) -> None:
    """Fence up, claims back to none, failure cleared, and the decision is kept with it."""
    batch = failed(site)
    decision = site.decision("The host is up again.")

    site.record.requeue(batch, decision)

    row = site.record.snapshot().batch[batch]
    _, [kept] = site.record.history(batch)
    assert (row.state, row.fence, row.claims) == (BatchState.READY, 2, 0)
    assert row.failure_code == site.record.batch(batch).failure_detail == ""
    assert kept == DecisionView("requeue", "pat", decision.at, "The host is up again.")


def test_a_requeued_batch_forgives_its_claims(site: Site) -> None:
    """What was failed for its many claims gets as many again."""
    batch = ready(site)
    for _ in range(MAX_CLAIMS):
        site.claim(batch)
        site.leases_run_out()
    assert site.refusal(batch) == "too_many_claims"

    site.record.requeue(batch, site.decision())

    assert site.claim(batch).fence == MAX_CLAIMS + 2


def test_what_was_in_doubt_is_in_doubt_after_a_requeue(site: Site) -> None:
    """The next worker asks again: nothing is guessed."""
    batch = failed(site, in_doubt=True)

    site.record.requeue(batch, site.decision())

    assert site.claim(batch).chunks[0].in_doubt


@pytest.mark.parametrize("scene", [ready, uploading, uploaded, cancelled])
def test_only_failed_batches_are_requeued(site: Site, scene: Scene) -> None:
    """A second click, or one while the batch runs, changes nothing and says why."""
    batch = scene(site)
    before, history = site.record.snapshot(), site.record.history(batch)

    with pytest.raises(Conflict) as refused:
        site.record.requeue(batch, site.decision())

    assert refused.value.code == "not_failed"
    assert site.record.snapshot() == before
    assert site.record.history(batch) == history


def test_a_requeue_withdraws_a_wish_to_cancel(site: Site) -> None:
    """The later decision counts."""
    batch = failed(site, in_doubt=True)
    site.record.cancel(batch, site.decision())
    site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")

    site.record.requeue(batch, site.decision())

    assert site.record.batch(batch).cancel_requested is False
    assert site.claim(batch).cancel_requested is False


def test_of_two_requeues_at_once_one_is_heard(site: Site) -> None:
    """Two writers on one row: the fence goes up once."""
    batch = failed(site)

    answers = at_once(*[partial(site.record.requeue, batch, site.decision())] * 6)

    assert answers.count(None) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    assert site.record.snapshot().batch[batch].fence == 2


@pytest.mark.parametrize("scene", [ready, failed])
def test_a_batch_that_nobody_works_on_is_cancelled_at_once(site: Site, scene: Scene) -> None:
    """Its members are free again."""
    batch = scene(site)

    state = site.record.cancel(batch, site.decision("Wrong list."))

    view = site.record.batch(batch)
    _, [decision] = site.record.history(batch)
    assert state is view.state is BatchState.CANCELLED
    assert view.failure_code == ""
    assert (decision.action, decision.reason) == ("cancel", "Wrong list.")
    assert site.record.supply(site.workspace_id(batch)) == 2


def test_a_worker_is_asked_to_cancel(site: Site) -> None:
    """It settles what it sent and ends the batch itself."""
    batch, (ann, bob) = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)

    state = site.record.cancel(batch, site.decision())

    assert state is site.state(batch) is BatchState.UPLOADING
    assert site.settle(claim, Settle(0, accepted=[(ann, 11)], skipped=[bob], settled=True))
    site.end(claim, BatchEvent.FINISH)
    assert site.state(batch) is BatchState.UPLOADED


def test_a_failed_batch_in_doubt_is_settled_before_it_is_cancelled(site: Site) -> None:
    """It turns to ready with the wish on record, for the worker that takes it next."""
    batch = failed(site, in_doubt=True)

    state = site.record.cancel(batch, site.decision())

    row = site.record.snapshot().batch[batch]
    claim = site.claim(batch)
    assert state is row.state is BatchState.READY
    assert (row.fence, row.claims, row.failure_code) == (2, 0, "")
    assert claim.cancel_requested
    assert claim.chunks[0].in_doubt


def test_a_failed_batch_whose_campaign_waits_is_not_cancelled_at_once(site: Site) -> None:
    """I9. Who was taken still goes into the campaign."""
    batch, members = site.batch("ann", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, members)
    site.end(claim, BatchEvent.FAIL, "unavailable")

    assert site.record.cancel(batch, site.decision()) is BatchState.READY
    assert site.claim(batch).cancel_requested


def test_a_ready_batch_in_doubt_keeps_its_claims(site: Site) -> None:
    """Only a failed batch starts anew; this one just hears of the wish at its next claim."""
    batch = ready(site)
    claim = site.claim(batch)
    site.send(claim)
    site.record.finish(claim, End(BatchEvent.HAND_BACK))
    fence = site.record.snapshot().batch[batch].fence

    assert site.record.cancel(batch, site.decision()) is BatchState.READY
    row = site.record.snapshot().batch[batch]
    assert (row.fence, row.cancel_requested) == (fence, True)


def test_a_batch_whose_worker_died_before_sending_is_cancelled_at_once(site: Site) -> None:
    """The lease ran out and nothing is in doubt; should the worker live, it is stale."""
    batch = ready(site)
    claim = site.claim(batch)
    site.leases_run_out()

    state = site.record.cancel(batch, site.decision())

    assert state is site.state(batch) is BatchState.CANCELLED
    with pytest.raises(StaleWorker):
        site.send(claim)


@pytest.mark.parametrize("scene", [uploaded, cancelled])
def test_a_batch_that_is_over_is_not_cancelled(site: Site, scene: Scene) -> None:
    """I6: it never changes again."""
    batch = scene(site)
    before = site.record.snapshot()

    with pytest.raises(Conflict) as refused:
        site.record.cancel(batch, site.decision())

    assert refused.value.code == "batch_over"
    assert site.record.snapshot() == before


def test_an_unknown_batch_is_missing(site: Site) -> None:
    """For either decision."""
    for decide in (site.record.requeue, site.record.cancel):
        with pytest.raises(Missing) as refused:
            decide(999_999, site.decision())

        assert refused.value.code == "batch_missing"


def test_a_cancel_and_a_claim_at_once_do_not_both_have_their_way(site: Site) -> None:
    """Either the batch is over before the worker came, or the worker is told."""
    batch = ready(site)
    claim = partial(site.record.claim, batch, worker="worker", lease_seconds=LEASE)
    cancel = partial(site.record.cancel, batch, site.decision())

    claimed, state = at_once(claim, cancel)

    if isinstance(claimed, Claim):
        assert state is BatchState.UPLOADING
        assert site.send(claimed) is True
    else:
        assert claimed == NotClaimed("over")
        assert state is BatchState.CANCELLED


def test_claimable_is_what_a_claim_would_be_given(site: Site) -> None:
    """Ready, or uploading with an expired lease; not failed, not over, not held."""
    dead = uploading(site)
    site.leases_run_out()
    waiting, live = ready(site), uploading(site)
    held = ready(site)
    site.refuse_token(site.workspace_id(held))
    others = [failed(site), uploaded(site), cancelled(site)]

    ids = list(site.record.claimable(limit=100))

    assert ids == [dead, waiting]
    assert [site.refusal(batch) for batch in (live, held, *others)] == [
        "busy",
        "held",
        "over",
        "over",
        "over",
    ]
    assert [site.claim(batch).batch_id for batch in ids] == ids


def test_claimable_batches_come_oldest_first_up_to_the_limit(site: Site) -> None:
    """Who waited longest is rung for first."""
    batches = [ready(site) for _ in range(4)]
    site.clock.advance(timedelta(days=1).total_seconds())

    assert list(site.record.claimable(limit=3)) == batches[:3]


def test_claimable_batches_of_one_workspace(site: Site) -> None:
    """The others' are left out."""
    mine, _ = ready(site), ready(site)

    assert list(site.record.claimable(workspace_id=site.workspace_id(mine), limit=10)) == [mine]


def test_a_decision_meant_for_another_version_changes_nothing(site: Site) -> None:
    """The batch moved since the person looked."""
    batch, _ = site.batch("ann")
    seen = site.record.batch(batch).version
    site.clock.advance(1)
    site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")

    for decide in (site.record.requeue, site.record.cancel):
        with pytest.raises(Conflict) as refused:
            decide(batch, replace(site.decision(), version=seen))
        assert refused.value.code == "changed_meanwhile"

    now = site.record.batch(batch).version
    site.record.requeue(batch, replace(site.decision(), version=now))
    assert site.state(batch) is BatchState.READY


def test_an_operation_decides_about_a_batch_once(site: Site) -> None:
    """Its worker may have died after the decision, and another one goes over the same list."""
    batch, _ = site.batch("ann")
    decision = replace(site.decision(), operation_id=7)
    site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")
    site.record.requeue(batch, decision)
    site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")

    site.record.requeue(batch, decision)

    assert site.state(batch) is BatchState.FAILED
    [kept] = site.record.history(batch)[1]
    assert kept.operation_id == 7
