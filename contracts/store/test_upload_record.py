"""``UploadRecord`` between a claim and its end: intent, outcomes, lease, and who may write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from contracts.store.site import LEASE, NOVEMBER, Site, at_once
from maverick_core.pipeline.batch import BatchEvent, ChunkState
from maverick_core.pipeline.contact import SKIPPED_REASON, ContactState, Outcome
from maverick_core.pipeline.invariants import OutcomeRow
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import Claim, StaleWorker
from maverick_core.suppression.rules import SUPPRESSED_IN_DOUBT, SUPPRESSED_REASON
from maverick_core.targets.rules import TargetAccount

Write = Callable[[Site, Claim], object]

WRITES = [
    pytest.param(lambda site, claim: site.send(claim), id="mark_sent"),
    pytest.param(lambda site, claim: site.settle(claim, Settle(0)), id="settle"),
    pytest.param(
        lambda site, claim: site.record.renew(claim, lease_seconds=LEASE),
        id="renew",
    ),
    pytest.param(lambda site, claim: site.end(claim, BatchEvent.FAIL, "lost"), id="finish"),
]


def chunk_states(site: Site) -> list[ChunkState]:
    """Return the states of all chunks."""
    return [row.state for row in site.record.snapshot().chunks]


def test_the_intent_is_on_record_before_the_request(site: Site) -> None:
    """From then on every contact of the chunk is in doubt; marking again changes nothing."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch)

    site.send(claim)
    site.send(claim)

    assert chunk_states(site) == [ChunkState.SENT]
    states = [member.state for member in site.record.members(batch)]
    assert states == [ContactState.IN_DOUBT] * 2
    assert site.account(batch).in_doubt == len(members)


def test_outcomes_are_appended_and_added_up(site: Site) -> None:
    """Each contact has its own row, the batch has the sums."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)

    site.settle(claim, Settle(0, accepted=[(ann, 11)], skipped=[bob]))
    site.settle(claim, Settle(0, rejected=[(cy, "The e-mail bounced.")], settled=True))

    snapshot = site.record.snapshot()
    assert sorted(snapshot.outcomes, key=lambda row: row.contact_id) == [
        OutcomeRow(ann, batch, Outcome.ACCEPTED, 11),
        OutcomeRow(bob, batch, Outcome.SKIPPED, None),
        OutcomeRow(cy, batch, Outcome.REJECTED, None),
    ]
    row = snapshot.batch[batch]
    assert (row.accepted, row.skipped, row.rejected, row.not_attachable) == (1, 1, 1, 0)
    assert chunk_states(site) == [ChunkState.SETTLED]


def test_a_chunk_stays_open_until_it_is_said_to_be_settled(site: Site) -> None:
    """Pieces of a chunk are answered one by one."""
    batch, (ann, _) = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)

    site.settle(claim, Settle(0, accepted=[(ann, 11)]))

    assert chunk_states(site) == [ChunkState.SENT]
    assert site.account(batch) == TargetAccount(10_000, uploaded=1, reserved=1, in_doubt=1)


def test_a_chunk_is_attached_when_it_is_said_to_be(site: Site) -> None:
    """With or without somebody that the campaign will not have."""
    batch, (ann, bob) = site.batch("ann", "bob", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, (ann, bob))

    site.settle(claim, Settle(0, not_attachable=[(bob, "bounced")], attached=True))

    assert chunk_states(site) == [ChunkState.ATTACHED]


def test_what_is_not_attachable_stays_counted(site: Site) -> None:
    """Decision 6: Email Bison took it, its campaign did not; the lead's id and reason are kept."""
    batch, (ann, bob) = site.batch("ann", "bob", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, (ann, bob))

    site.settle(claim, Settle(0, not_attachable=[(bob, "bounced")], attached=True))

    assert site.account(batch) == TargetAccount(10_000, uploaded=2, not_attachable=1)
    [member] = site.record.members(batch, states={ContactState.NOT_ATTACHABLE})
    assert (member.contact_id, member.lead_id, member.reason) == (bob, 1_000 + bob, "bounced")


def test_a_second_outcome_is_a_defect_and_nothing_of_it_remains(site: Site) -> None:
    """An outcome is recorded once ever; all of a settlement is, or none."""
    batch, (ann, bob) = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(bob, 12)]))
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.settle(claim, Settle(0, accepted=[(ann, 11)], skipped=[bob], settled=True))

    assert site.record.snapshot() == before


def test_a_chunk_is_not_settled_short(site: Site) -> None:
    """I5: what is said to be settled has every outcome."""
    batch, (ann, _) = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.settle(claim, Settle(0, accepted=[(ann, 11)], settled=True))

    assert site.record.snapshot() == before


def test_a_settled_chunk_is_not_sent_again(site: Site) -> None:
    """Its contacts have their outcomes; nobody of it may be in doubt again."""
    batch, members = site.batch("ann")
    claim = site.claim(batch)
    site.accept(claim, members)
    before = site.record.snapshot()

    with pytest.raises(AssertionError):
        site.send(claim)

    assert site.record.snapshot() == before


def test_of_two_who_settle_at_once_one_is_heard(site: Site) -> None:
    """Two writers on one row: the contact counts once."""
    batch, members = site.batch("ann")
    claim = site.claim(batch)
    site.send(claim)
    settlement = Settle(0, accepted=[(members[0], 11)], settled=True)

    answers = at_once(*[partial(site.settle, claim, settlement)] * 4)

    assert answers.count(False) == 1
    assert sum(isinstance(answer, AssertionError) for answer in answers) == 3
    assert site.account(batch) == TargetAccount(10_000, uploaded=1)


def test_a_worker_that_is_late_but_was_not_replaced_goes_on(site: Site) -> None:
    """The fence decides, not the lease; and any write renews the lease."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    site.leases_run_out()

    assert site.record.renew(claim, lease_seconds=LEASE) is False
    assert site.refusal(batch) == "busy"


@pytest.mark.parametrize("write", WRITES[:3])
def test_every_write_renews_the_lease(site: Site, write: Write) -> None:
    """Whoever makes progress keeps the batch."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    site.leases_run_out()

    write(site, claim)

    assert site.refusal(batch) == "busy"


@pytest.mark.parametrize("write", WRITES[:3])
def test_every_write_tells_of_a_wish_to_cancel(site: Site, write: Write) -> None:
    """So a worker hears of it at its next step, whichever that is."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    heard_before = write(site, claim)
    site.record.cancel(batch, site.decision())

    assert heard_before is False
    assert write(site, claim) is True


@pytest.mark.parametrize("write", WRITES)
def test_a_stale_worker_changes_nothing(site: Site, write: Write) -> None:
    """I7: the batch was claimed by somebody else since."""
    batch, _ = site.batch("ann")
    stale = site.claim(batch, "worker-1")
    site.leases_run_out()
    site.claim(batch, "worker-2")
    before, attempts = site.record.snapshot(), site.record.history(batch)

    with pytest.raises(StaleWorker) as refused:
        write(site, stale)

    assert refused.value.code == "stale_worker"
    assert site.record.snapshot() == before
    assert site.record.history(batch) == attempts


@pytest.mark.parametrize("event", [BatchEvent.CANCEL, BatchEvent.FAIL, BatchEvent.HAND_BACK])
@pytest.mark.parametrize("write", WRITES)
def test_nobody_writes_to_a_batch_that_was_let_go(
    site: Site, write: Write, event: BatchEvent
) -> None:
    """The fence is still the same, but the batch is not being uploaded."""
    batch, _ = site.batch("ann")
    claim = site.claim(batch)
    site.end(claim, event, "some_reason")
    before = site.record.snapshot()

    with pytest.raises(StaleWorker):
        write(site, claim)

    assert site.record.snapshot() == before


def test_outcomes_of_workspaces_do_not_mix(site: Site) -> None:
    """The same lead id in two workspaces is two leads."""
    first, (ann,) = site.batch("ann")
    second, (other_ann,) = site.batch("ann")
    for batch, contact in ((first, ann), (second, other_ann)):
        claim = site.claim(batch)
        site.send(claim)
        site.settle(claim, Settle(0, accepted=[(contact, 11)], settled=True))
        site.record.finish(claim, End(BatchEvent.FINISH))

    for batch in (first, second):
        assert site.record.account(site.workspace_id(batch), NOVEMBER).uploaded == 1


def test_who_was_suppressed_is_skipped_with_the_reason(site: Site) -> None:
    """Counted as skipped in batch and month, and told apart from what Email Bison left out."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)
    out = [(ann, SUPPRESSED_REASON), (bob, SUPPRESSED_IN_DOUBT)]

    site.settle(claim, Settle(0, suppressed=out, skipped=[cy], settled=True))

    assert site.account(batch) == TargetAccount(10_000, skipped=3)
    reasons = {row.contact_id: row.reason for row in site.record.members(batch)}
    assert reasons == {**dict(out), cy: SKIPPED_REASON}
    rows = site.record.snapshot().outcome
    assert [rows[each].may_be_held for each in (ann, bob, cy)] == [False, True, False]
