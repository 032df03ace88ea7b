"""``UploadRecord.finish``: what each end makes of the batch, its members and its workspace."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from contracts.store.site import Site, at_once
from maverick_core.pipeline.batch import BatchEvent, BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import StaleWorker
from maverick_core.targets.rules import TargetAccount
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import Hold

REFUSED = End(BatchEvent.FAIL, "token_refused", "Refused.", holds_workspace=True)


def hold(site: Site, batch_id: int) -> Hold | None:
    """Return the hold of the batch's workspace."""
    workspace_id = site.workspace_id(batch_id)
    return next(row.hold for row in site.record.workspaces() if row.id == workspace_id)


def test_a_finished_batch_is_uploaded(site: Site) -> None:
    """Every contact has its outcome, and the attempt says how it ended."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch, "worker-9")
    site.accept(claim, members)

    site.end(claim, BatchEvent.FINISH)

    [attempt], _ = site.record.history(batch)
    assert site.state(batch) is BatchState.UPLOADED
    assert (attempt.fence, attempt.worker, attempt.result) == (1, "worker-9", "finish")
    assert attempt.ended_at
    assert attempt.ended_at >= attempt.started_at


def test_a_batch_is_not_uploaded_short(site: Site) -> None:
    """I5. To finish without every outcome is a defect, and changes nothing."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.end(claim, BatchEvent.FINISH)

    assert site.record.snapshot() == before


def test_a_batch_is_not_uploaded_before_its_campaign_has_it(site: Site) -> None:
    """I9. Every contact has its outcome, but the campaign still waits for one."""
    batch, members = site.batch("ann", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, members)
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.end(claim, BatchEvent.FINISH)

    assert site.record.snapshot() == before


def test_a_batch_is_not_cancelled_with_anybody_in_doubt(site: Site) -> None:
    """I2. Email Bison may have taken who would be released."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    site.send(claim)
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.end(claim, BatchEvent.CANCEL)

    assert site.record.snapshot() == before


def test_a_failed_batch_says_why(site: Site) -> None:
    """Code and detail are on the batch and on the attempt; what was in doubt still is."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)

    site.record.finish(claim, End(BatchEvent.FAIL, "no_answer", "Nothing came back."))

    view = site.record.batch(batch)
    [attempt], _ = site.record.history(batch)
    assert view.state is BatchState.FAILED
    assert (view.failure_code, view.failure_detail) == ("no_answer", "Nothing came back.")
    assert (attempt.result, attempt.code, attempt.detail) == (
        "fail",
        "no_answer",
        "Nothing came back.",
    )
    assert site.account(batch).in_doubt == len(members)


def test_a_batch_handed_back_is_ready_as_if_nobody_had_claimed_it(site: Site) -> None:
    """Nothing went wrong, so the claim is off the count; the fence stays up."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)

    site.end(claim, BatchEvent.HAND_BACK, "worker_stopped")

    row = site.record.snapshot().batch[batch]
    assert (row.state, row.claims, row.fence) == (BatchState.READY, 0, 1)
    assert row.failure_code == ""
    assert site.claim(batch).fence == 2


def test_a_cancelled_batch_releases_who_has_no_outcome(site: Site) -> None:
    """What was taken stays with the batch; the others are free, and the room is given back."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(ann, 11)], skipped=[bob]))

    site.record.finish(claim, End(BatchEvent.CANCEL, not_sent=(0,)))

    states = {member.contact_id: member.state for member in site.record.members(batch)}
    assert states == {
        ann: ContactState.UPLOADED,
        bob: ContactState.SKIPPED,
        cy: ContactState.VERIFIED,
    }
    assert site.state(batch) is BatchState.CANCELLED
    assert site.record.supply(site.workspace_id(batch)) == 1
    assert site.account(batch) == TargetAccount(10_000, uploaded=1, skipped=1)


@pytest.mark.parametrize("event", [BatchEvent.FAIL, BatchEvent.HAND_BACK])
def test_chunks_that_were_certainly_not_taken_are_planned_again(
    site: Site, event: BatchEvent
) -> None:
    """Their contacts are no longer in doubt; other chunks stay as they are."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)

    site.record.finish(claim, End(event, "rate_limited", not_sent=(0,)))

    assert [row.state for row in site.record.snapshot().chunks] == [ChunkState.PLANNED]
    assert site.account(batch) == TargetAccount(10_000, reserved=len(members))


def test_a_refused_token_holds_the_workspace_and_fails_the_batch(site: Site) -> None:
    """Decision 8: one batch fails, the others of the workspace wait."""
    batch, _ = site.batch("ann")

    site.record.finish(site.claim(batch), REFUSED)

    status = site.record.token_status(site.workspace_id(batch))
    assert site.state(batch) is BatchState.FAILED
    assert hold(site, batch) is Hold.TOKEN_REFUSED
    assert status
    assert status.refused_at


def test_a_token_stored_meanwhile_does_not_pay_for_the_one_before(site: Site) -> None:
    """A refusal that was under way when the token was replaced is of the old one: try again."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    later = site.clock.now() + timedelta(seconds=1)
    identity = TokenIdentity(11, "Acme")
    site.record.store_token(site.workspace_id(batch), "2|new", identity, at=later)

    site.record.finish(claim, REFUSED)

    assert site.state(batch) is BatchState.READY
    assert hold(site, batch) is None


def test_one_refused_token_fails_one_batch(site: Site) -> None:
    """A batch that was under way with the same token goes back to ready, without blame."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob")
    first, second = site.plan(acme, ids[:1], ids[1:])
    claims = [site.claim(first), site.claim(second)]

    for claim in claims:
        site.record.finish(claim, REFUSED)

    row = site.record.snapshot().batch[second]
    attempts, _ = site.record.history(second)
    assert site.state(first) is BatchState.FAILED
    assert (row.state, row.claims, row.failure_code) == (BatchState.READY, 0, "")
    assert attempts[0].result == "hand_back"


def test_of_refused_tokens_heard_of_at_once_one_fails_its_batch(site: Site) -> None:
    """Two writers on one row: who comes first holds the workspace, the others hand back."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob", "cy", "di")
    batches = site.plan(acme, *([contact] for contact in ids))
    claims = [site.claim(batch) for batch in batches]

    answers = at_once(*(partial(site.record.finish, claim, REFUSED) for claim in claims))

    states = [site.state(batch) for batch in batches]
    assert answers == [None] * 4
    assert sorted(states) == [BatchState.FAILED, *[BatchState.READY] * 3]


def test_a_cancelled_batch_may_hold_its_workspace_too(site: Site) -> None:
    """The wish to cancel is met, and the token is refused all the same."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)

    site.record.finish(claim, End(BatchEvent.CANCEL, "token_refused", holds_workspace=True))

    assert site.state(batch) is BatchState.CANCELLED
    assert hold(site, batch) is Hold.TOKEN_REFUSED
    assert site.record.batch(batch).failure_code == ""


def test_a_stored_token_lets_held_batches_go_on(site: Site) -> None:
    """The failed one still waits for a person."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob")
    failed, waiting = site.plan(acme, ids[:1], ids[1:])
    site.record.finish(site.claim(failed), REFUSED)
    held = site.refusal(waiting)
    status = site.record.token_status(acme.id)
    assert status

    site.record.store_token(acme.id, "13|new", status.identity, at=site.clock.now())

    assert held == "held"
    assert site.claim(waiting)
    assert site.refusal(failed) == "over"


def test_of_two_ends_at_once_one_is_heard(site: Site) -> None:
    """Two writers on one row: a claim ends once."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)

    answers = at_once(
        *[partial(site.end, claim, BatchEvent.FAIL, "lost")] * 2,
        *[partial(site.end, claim, BatchEvent.HAND_BACK)] * 2,
    )

    assert answers.count(None) == 1
    assert sum(isinstance(answer, StaleWorker) for answer in answers) == 3
