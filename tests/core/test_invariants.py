"""Each law is broken once on purpose: a law that cannot fail protects nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.invariants import (
    BatchRow,
    ChunkRow,
    ContactRow,
    MemberRow,
    OutcomeRow,
    Snapshot,
)
from maverick_core.targets.rules import TargetAccount

NOVEMBER = (1, "2026-11")
EMAILS = {contact: f"person{contact}@clinic.example" for contact in range(1, 8)}


def row(batch_id: int, state: BatchState, contacts: int, **sums: int) -> BatchRow:
    kept = dict.fromkeys(("accepted", "skipped", "rejected", "not_attachable"), 0) | sums
    return BatchRow(
        batch_id, 1, "2026-11", state, 7, contacts, **kept,
        fence=1, claims=1, failure_code="", cancel_requested=False,
    )  # fmt: skip


# Batch 1 is uploaded: 1 taken, 2 not attachable, 3 skipped, 4 rejected. Batch 2 runs: 5 is in
# doubt, 6 waits. Nobody has planned 7.
SOUND = Snapshot(
    contacts=[ContactRow(contact, 1, email) for contact, email in EMAILS.items()],
    batches=[
        row(1, BatchState.UPLOADED, 4, accepted=2, skipped=1, rejected=1, not_attachable=1),
        row(2, BatchState.UPLOADING, 2),
    ],
    members=[
        *(MemberRow(1, position, position + 1, 0, released=False) for position in range(4)),
        MemberRow(2, 0, 5, 0, released=False),
        MemberRow(2, 1, 6, 1, released=False),
    ],
    chunks=[
        ChunkRow(1, 0, ChunkState.ATTACHED, 4),
        ChunkRow(2, 0, ChunkState.SENT, 1),
        ChunkRow(2, 1, ChunkState.PLANNED, 1),
    ],
    outcomes=[
        OutcomeRow(1, 1, Outcome.ACCEPTED, 101),
        OutcomeRow(2, 1, Outcome.NOT_ATTACHABLE, 102),
        OutcomeRow(3, 1, Outcome.SKIPPED, None),
        OutcomeRow(4, 1, Outcome.REJECTED, None),
    ],
    accounts={NOVEMBER: TargetAccount(4, 2, 2, 1, 1, 1, 1)},
)
HELD = {1: frozenset({EMAILS[1], EMAILS[2], EMAILS[5]})}
ENROLLED = {7: frozenset({EMAILS[1]})}


def test_a_sound_record_breaks_no_law() -> None:
    """The planted faults below differ from this record by one thing each."""
    assert laws.broken(SOUND, HELD, ENROLLED) == []
    assert laws.broken_by_change(SOUND, SOUND) == []


def test_the_bucket_of_a_contact_follows_from_batch_chunk_and_outcome() -> None:
    """Nothing stores a contact's state; every one of them can be derived."""
    assert laws.contact_states(SOUND) == {
        1: ContactState.UPLOADED,
        2: ContactState.NOT_ATTACHABLE,
        3: ContactState.SKIPPED,
        4: ContactState.REJECTED,
        5: ContactState.IN_DOUBT,
        6: ContactState.BATCHED,
        7: ContactState.VERIFIED,
    }


def with_batch(batch_id: int, **changes: object) -> Snapshot:
    batches = [
        replace(batch, **changes) if batch.id == batch_id else batch  # type: ignore[arg-type]
        for batch in SOUND.batches
    ]
    return replace(SOUND, batches=batches)


def with_account(**changes: int) -> Snapshot:
    account = replace(SOUND.accounts[NOVEMBER], **changes)
    return replace(SOUND, accounts={NOVEMBER: account})


def with_chunk(index: int, state: ChunkState) -> Snapshot:
    chunks = list(SOUND.chunks)
    chunks[index] = replace(chunks[index], state=state)
    return replace(SOUND, chunks=chunks)


PLANTED = {
    "a contact in two batches": (
        laws.one_live_batch_a_contact,
        replace(SOUND, members=[*SOUND.members, MemberRow(2, 2, 1, 1, released=False)]),
    ),
    "an e-mail twice in a workspace": (
        laws.one_live_batch_a_contact,
        replace(SOUND, contacts=[*SOUND.contacts, ContactRow(8, 1, EMAILS[7])]),
    ),
    "two outcomes of one contact": (
        laws.one_live_batch_a_contact,
        replace(SOUND, outcomes=[*SOUND.outcomes, OutcomeRow(1, 1, Outcome.SKIPPED, None)]),
    ),
    "an outcome without a membership": (
        laws.every_contact_in_one_bucket,
        replace(SOUND, outcomes=[*SOUND.outcomes, OutcomeRow(5, 1, Outcome.SKIPPED, None)]),
    ),
    "a batch that lost a member": (
        laws.sums_add_up,
        replace(SOUND, members=SOUND.members[:-1]),
    ),
    "a batch that says a wrong size": (laws.sums_add_up, with_batch(2, contacts=3)),
    "a month that does not add up": (laws.sums_add_up, with_account(reserved=1)),
    "a sum that drifted from the ledger": (laws.counts_match_ledger, with_batch(1, accepted=3)),
    "an account that drifted from the batches": (
        laws.accounts_match_recount,
        with_account(in_doubt=2),
    ),
    "a target that was passed": (laws.target_is_kept, with_account(target=3)),
    "an uploaded batch with an open contact": (
        laws.uploaded_is_settled,
        with_batch(2, state=BatchState.UPLOADED),
    ),
    "a cancelled batch that keeps an open contact": (
        laws.uploaded_is_settled,
        with_batch(2, state=BatchState.CANCELLED),
    ),
    "an uploaded batch with an open chunk": (
        laws.uploaded_is_settled,
        with_chunk(0, ChunkState.SENT),
    ),
    "a batch claimed for ever": (
        laws.claims_are_bounded,
        with_batch(2, claims=MAX_CLAIMS + 1),
    ),
    "a batch nobody works on": (laws.nobody_is_left_behind, SOUND),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_law_of_the_record_finds_what_was_planted(fault: str) -> None:
    """The law speaks, and names nobody's address."""
    law, planted = PLANTED[fault]

    found = law(planted)

    assert found, fault
    assert "@" not in "".join(found)


AGAINST_DESTINATION: dict[str, Callable[[], list[str]]] = {
    "counted and not held": lambda: laws.sound(SOUND, {1: HELD[1] - {EMAILS[2]}}),
    "skipped on record and held": lambda: laws.refused_is_not_held(
        SOUND, {1: HELD[1] | {EMAILS[3]}}
    ),
    "held, and on record as not sent": lambda: laws.complete(SOUND, {1: HELD[1] | {EMAILS[6]}}),
    "held, and on record as free": lambda: laws.complete(SOUND, {1: HELD[1] | {EMAILS[7]}}),
    "in doubt at rest": lambda: laws.complete_at_rest(SOUND, HELD),
    "taken and not in the campaign": lambda: laws.enrolled_in_campaign(SOUND, {7: frozenset()}),
}


@pytest.mark.parametrize("fault", AGAINST_DESTINATION)
def test_a_law_of_the_destination_finds_what_was_planted(fault: str) -> None:
    """What is counted is held, what is held is counted or in doubt, and it is in the campaign."""
    found = AGAINST_DESTINATION[fault]()

    assert found, fault
    assert "@" not in "".join(found)


def test_a_failed_batch_may_be_in_doubt_at_rest() -> None:
    """Only a person moves it on; until then it keeps its room and its doubts."""
    failed = with_batch(2, state=BatchState.FAILED)

    assert laws.broken(failed, HELD, ENROLLED, at_rest=True) == []


FAILED = with_batch(2, state=BatchState.FAILED)
CHANGES: dict[str, tuple[Snapshot, Snapshot, bool]] = {
    "an uploaded batch back in the queue": (SOUND, with_batch(1, state=BatchState.READY), True),
    "an uploaded batch with other sums": (SOUND, with_batch(1, accepted=1), True),
    "a cancelled batch that runs": (with_batch(2, state=BatchState.CANCELLED), SOUND, True),
    "a failed batch that nobody re-queued": (FAILED, with_batch(2, state=BatchState.READY), False),
    "a batch uploaded without a claim": (
        with_batch(2, state=BatchState.READY),
        with_batch(2, state=BatchState.UPLOADED),
        True,
    ),
    "a batch that is gone": (SOUND, replace(SOUND, batches=SOUND.batches[:1]), True),
    "a fence that went back": (SOUND, with_batch(2, fence=0), True),
    "an outcome that was taken back": (
        SOUND,
        replace(SOUND, outcomes=SOUND.outcomes[1:]),
        True,
    ),
    "a reservation beyond the target": (SOUND, with_account(reserved=3), True),
}


@pytest.mark.parametrize("fault", CHANGES)
def test_a_law_of_change_finds_what_was_planted(fault: str) -> None:
    """Ended batches stay, failed ones wait for a person, and a target is never grown past."""
    before, now, decided = CHANGES[fault]

    assert laws.broken_by_change(before, now, decided={2} if decided else ())


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.CANCELLED])
def test_a_person_leads_a_failed_batch_out_in_two_ways(state: BatchState) -> None:
    """Re-queue and cancel are both a person's decision; nothing else is one."""
    assert not laws.broken_by_change(FAILED, with_batch(2, state=state), decided={2})


def test_a_target_lowered_below_what_is_planned_breaks_no_law() -> None:
    """Lowering takes nothing back: only growth past the target is wrong."""
    lowered = with_account(target=1)

    assert not laws.broken_by_change(SOUND, lowered)
    assert not laws.broken_by_change(lowered, lowered)


def test_a_write_with_an_old_fence_is_seen() -> None:
    """I7: who was given up for dead changes nothing."""
    wrote = with_chunk(2, ChunkState.SENT)

    assert laws.a_stale_fence_wrote(SOUND, wrote, batch_id=2, fence=0)
    assert not laws.a_stale_fence_wrote(SOUND, wrote, batch_id=2, fence=1)
    assert not laws.a_stale_fence_wrote(SOUND, SOUND, batch_id=2, fence=0)


def test_a_worker_that_goes_on_after_a_cancel_is_seen() -> None:
    """I8: at most one chunk begins for each worker that had the batch when the wish came."""
    wish = with_batch(2, cancel_requested=True)
    begun = with_chunk(2, ChunkState.SENT)

    assert laws.sent_after_cancel(wish, begun, batch_id=2, workers=0)
    assert not laws.sent_after_cancel(wish, begun, batch_id=2, workers=1)
    assert not laws.sent_after_cancel(wish, wish, batch_id=2, workers=0)


def test_a_secret_in_a_log_is_seen_and_not_repeated() -> None:
    """I12: what leaked is named, not quoted."""
    canaries = {"the token of acme": "12|Sesame", "the e-mail of contact 3": EMAILS[3]}
    log = f"POST /leads Authorization: Bearer 12|SESAME row={EMAILS[4]}"

    assert laws.leaks(log, canaries) == ["leaked: the token of acme"]
    assert laws.leaks("POST /leads 201", canaries) == []
