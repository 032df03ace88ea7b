"""``UploadRecord.claim``: who may work on a batch, and what is left to do of it."""

from __future__ import annotations

from functools import partial

import pytest

from contracts.store.site import LEASE, NOVEMBER, Site, at_once
from maverick_core.pipeline.batch import CHUNK_SIZE, MAX_CLAIMS, BatchEvent, BatchState
from maverick_core.pipeline.upload.actions import ChunkLeft, End, Settle
from maverick_core.pipeline.upload.ports import Claim, NotClaimed


def exhaust(site: Site, batch: int) -> None:
    """Let ``MAX_CLAIMS`` workers die on the batch."""
    for _ in range(MAX_CLAIMS):
        site.claim(batch)
        site.leases_run_out()


def test_a_ready_batch_is_claimed_with_all_that_is_to_do(site: Site) -> None:
    """Fence and claims go up by one, and people see it uploading."""
    batch, members = site.batch("ann", "bob", campaign_id=42)

    claim = site.claim(batch)

    row = site.record.snapshot().batch[batch]
    assert claim == Claim(
        batch_id=batch,
        workspace_id=row.workspace_id,
        fence=1,
        campaign_id=42,
        something_accepted=False,
        something_attached=False,
        cancel_requested=False,
        token_set_at=site.token_set_at(row.workspace_id),
        chunks=(ChunkLeft(0, tuple(members)),),
    )
    assert (row.state, row.fence, row.claims) == (BatchState.UPLOADING, 1, 1)


def test_chunks_are_claimed_in_their_frozen_order(site: Site) -> None:
    """At most 500 contacts each, numbered from 0."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(2 * CHUNK_SIZE + 1)))
    [batch] = site.plan(acme, ids[::-1])

    chunks = site.claim(batch).chunks

    assert [chunk.number for chunk in chunks] == [0, 1, 2]
    assert [len(chunk.contacts) for chunk in chunks] == [CHUNK_SIZE, CHUNK_SIZE, 1]
    assert [contact for chunk in chunks for contact in chunk.contacts] == ids[::-1]


def test_a_batch_that_does_not_exist_is_missing(site: Site) -> None:
    """An answer, not an error: messages outlive what they speak of."""
    assert site.refusal(999_999) == "missing"


def test_a_live_lease_keeps_others_out(site: Site) -> None:
    """Nothing is changed by asking."""
    batch, _ = site.batch("ann")
    site.claim(batch)
    before = site.record.snapshot()

    assert site.refusal(batch) == "busy"
    assert site.record.snapshot() == before


def test_an_expired_lease_is_claimed_again(site: Site) -> None:
    """A crash is resumed, with a fence that shuts the dead worker out."""
    batch, members = site.batch("ann", "bob")
    dead = site.claim(batch, "worker-1")
    site.leases_run_out()

    claim = site.claim(batch, "worker-2")

    assert claim.fence > dead.fence
    assert claim.chunks == (ChunkLeft(0, tuple(members)),)
    assert site.record.snapshot().batch[batch].claims == 2


@pytest.mark.parametrize("event", [BatchEvent.FINISH, BatchEvent.FAIL, BatchEvent.CANCEL])
def test_a_batch_that_ended_is_over(site: Site, event: BatchEvent) -> None:
    """Uploaded and cancelled for ever, failed until a person decides."""
    batch, members = site.batch("ann")
    claim = site.claim(batch)
    site.accept(claim, members)
    site.end(claim, event, "some_reason")

    assert site.refusal(batch) == "over"


def test_a_workspace_without_a_token_is_held(site: Site) -> None:
    """Its batches wait; nothing goes wrong with them."""
    acme = site.workspace(token=None)
    [batch] = site.plan(acme, site.contacts(acme, "ann"))

    assert site.refusal(batch) == "held"
    assert site.state(batch) is BatchState.READY


def test_a_workspace_whose_token_was_refused_is_held(site: Site) -> None:
    """Until another token is stored; other workspaces go on."""
    batch, _ = site.batch("ann")
    other, _ = site.batch("bob")
    site.refuse_token(site.workspace_id(batch))

    assert site.refusal(batch) == "held"
    assert site.claim(other)


def test_a_live_lease_is_named_before_the_hold(site: Site) -> None:
    """Codes are told in the order that the port lists them in."""
    batch, _ = site.batch("ann")
    site.claim(batch)
    site.refuse_token(site.workspace_id(batch))

    assert site.refusal(batch) == "busy"
    site.leases_run_out()
    assert site.refusal(batch) == "held"


def test_a_batch_that_kills_its_workers_fails(site: Site) -> None:
    """I10, decision 5: claimed five times without an end, the sixth claim fails it."""
    batch, _ = site.batch("ann")
    exhaust(site, batch)

    assert site.refusal(batch) == "too_many_claims"
    row = site.record.snapshot().batch[batch]
    assert (row.state, row.failure_code) == (BatchState.FAILED, "too_many_claims")
    assert row.claims == MAX_CLAIMS
    assert site.refusal(batch) == "over"


def test_a_held_batch_does_not_fail_for_its_claims(site: Site) -> None:
    """As long as the workspace waits for a token, the batch waits too."""
    batch, _ = site.batch("ann")
    exhaust(site, batch)
    site.refuse_token(site.workspace_id(batch))

    assert site.refusal(batch) == "held"
    assert site.state(batch) is BatchState.UPLOADING


def test_what_was_sent_and_not_answered_is_in_doubt(site: Site) -> None:
    """The intent that the dead worker left behind tells the next one what to ask again."""
    batch, members = site.batch("ann", "bob")
    site.send(site.claim(batch))
    site.leases_run_out()

    assert site.claim(batch).chunks == (ChunkLeft(0, tuple(members), in_doubt=True),)


def test_contacts_with_an_outcome_are_not_claimed_again(site: Site) -> None:
    """Those that were taken wait for the campaign, the others are still in doubt."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy", campaign_id=42)
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(bob, 12)], skipped=[ann]))
    site.leases_run_out()

    claim = site.claim(batch)

    assert claim.chunks == (ChunkLeft(0, (cy,), in_doubt=True, to_attach=((bob, 12),)),)
    assert claim.something_accepted


def test_a_settled_chunk_is_left_to_attach(site: Site) -> None:
    """Leads come in the frozen order; the not attachable ones are done with."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, (cy, ann, bob))
    site.settle(claim, Settle(0, not_attachable=[(bob, "bounced")]))
    site.leases_run_out()

    to_attach = ((ann, 1_000 + ann), (cy, 1_000 + cy))
    assert site.claim(batch).chunks == (ChunkLeft(0, (), to_attach=to_attach),)


def test_a_chunk_of_skipped_contacts_has_still_to_be_closed(site: Site) -> None:
    """Settled but not on record as attached, with nobody to attach: the machine closes it."""
    batch, members = site.batch("ann", campaign_id=42)
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, skipped=members, settled=True))
    site.leases_run_out()

    assert site.claim(batch).chunks == (ChunkLeft(0, ()),)


@pytest.mark.parametrize("campaign_id", [None, 42])
def test_a_chunk_that_is_done_is_not_claimed_again(site: Site, campaign_id: int | None) -> None:
    """Settled is done where there is no campaign, attached where there is one."""
    batch, members = site.batch("ann", campaign_id=campaign_id)
    site.accept(site.claim(batch), members, attached=campaign_id is not None)
    site.leases_run_out()

    claim = site.claim(batch)

    assert claim.chunks == ()
    assert claim.something_accepted
    assert claim.something_attached is (campaign_id is not None)


def test_leads_that_the_campaign_refused_are_not_attached(site: Site) -> None:
    """A chunk can be closed without anybody in the campaign; that clears nobody of blame."""
    batch, members = site.batch("ann", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, members)
    site.settle(claim, Settle(0, not_attachable=[(members[0], "bounced")], attached=True))
    site.leases_run_out()

    assert not site.claim(batch).something_attached


def test_a_chunk_that_was_certainly_not_taken_is_not_in_doubt(site: Site) -> None:
    """``not_sent`` of the claim before turned it back to planned."""
    batch, members = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)
    site.record.finish(claim, End(BatchEvent.HAND_BACK, not_sent=(0,)))

    assert site.claim(batch).chunks == (ChunkLeft(0, tuple(members)),)


def test_twenty_claims_at_once_are_one_claim(site: Site) -> None:
    """The claim decides, however often a message was delivered."""
    batch, _ = site.batch("ann")
    claim = partial(site.record.claim, batch, worker="worker", lease_seconds=LEASE)

    answers = at_once(*[claim] * 20)

    assert sum(isinstance(answer, Claim) for answer in answers) == 1
    assert answers.count(NotClaimed("busy")) == 19
    row = site.record.snapshot().batch[batch]
    assert (row.fence, row.claims) == (1, 1)


def test_many_batches_are_claimed_once_each_whoever_asks(site: Site) -> None:
    """Workers that race for all batches share them out."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(12)))
    batches = site.plan(acme, *([contact] for contact in ids))

    def work() -> int:
        claims = [
            site.record.claim(batch, worker="worker", lease_seconds=LEASE) for batch in batches
        ]
        return sum(isinstance(claim, Claim) for claim in claims)

    answers = at_once(*[work] * 4)

    assert sum(answer for answer in answers if isinstance(answer, int)) == len(batches)
    assert {row.fence for row in site.record.snapshot().batches} == {1}
    assert site.record.account(acme.id, NOVEMBER).reserved == len(ids)
