"""The record against the destination: what is counted is held, what is held is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.invariants.buckets import contact_states
from maverick_core.pipeline.invariants.records import TAKEN, Enrolled, Held, Snapshot


def sound(now: Snapshot, held: Held) -> list[str]:
    """I1: whatever counts is held by the destination for that workspace, at any moment."""
    return [
        f"contact {row.contact_id} counts, and the destination does not hold it"
        for row in now.counted
        if not _is_held(now, held, row.contact_id)
    ]


def refused_is_not_held(now: Snapshot, held: Held) -> list[str]:
    """I1, the other side: the destination holds none that is on record as skipped or rejected.

    But for those who were in doubt when they were suppressed: to ask again would write to them.
    """
    return [
        f"contact {row.contact_id} is on record as {row.outcome}, and the destination holds it"
        for row in now.outcomes
        if row.outcome not in TAKEN and not row.may_be_held and _is_held(now, held, row.contact_id)
    ]


def complete(now: Snapshot, held: Held) -> list[str]:
    """I2 at any moment: of our contacts the destination holds what counts or is in doubt, no other.

    So a crash at this very moment loses nothing: what is in doubt will be settled.
    """
    return [
        f"the destination holds contact {contact}, which is on record as {state}"
        for contact, state in contact_states(now).items()
        if state in (ContactState.VERIFIED, ContactState.BATCHED) and _is_held(now, held, contact)
    ]


def complete_at_rest(now: Snapshot, held: Held) -> list[str]:
    """I2 at rest: what is held is what counts, month by month; only a failed batch has doubts."""
    found = complete(now, held)
    states = contact_states(now)
    for member in now.members:
        state = now.batch[member.batch_id].state
        doubtful = not member.released and states[member.contact_id] is ContactState.IN_DOUBT
        if doubtful and state is not BatchState.FAILED:
            found.append(f"contact {member.contact_id} of {state} batch {member.batch_id} in doubt")
    return found


def enrolled_in_campaign(now: Snapshot, enrolled: Enrolled) -> list[str]:
    """I9: once a batch, or one of its chunks, is done with, its leads are in the campaign.

    Apart from those on record as not attachable.
    """
    found = []
    ours = _taken_by_chunk(now)
    for (batch_id, number), contacts in ours.items():
        batch, chunk = now.batch[batch_id], now.chunk[batch_id, number]
        over = batch.state in (BatchState.UPLOADED, BatchState.CANCELLED)
        if batch.campaign_id is None or not (over or chunk.state is ChunkState.ATTACHED):
            continue
        members = enrolled.get(batch.campaign_id, frozenset())
        found += [
            f"contact {contact} of batch {batch_id} was taken and is not in the campaign"
            for contact in contacts
            if now.contact[contact].email not in members
        ]
    return found


def _taken_by_chunk(now: Snapshot) -> Mapping[tuple[int, int], list[int]]:
    taken: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for member in now.members:
        row = now.outcome.get(member.contact_id)
        if row and row.batch_id == member.batch_id and row.outcome is Outcome.ACCEPTED:
            taken[member.batch_id, member.chunk].append(member.contact_id)
    return taken


def _is_held(now: Snapshot, held: Held, contact_id: int) -> bool:
    contact = now.contact[contact_id]
    return contact.email in held.get(contact.workspace_id, frozenset())
