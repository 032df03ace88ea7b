"""Laws about change: they compare two snapshots, or a snapshot with who acted in between."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from maverick_core.pipeline.batch import (
    BATCH_TRANSITIONS,
    MAX_CLAIMS,
    BatchState,
    ChunkState,
)
from maverick_core.pipeline.invariants.records import Snapshot

_OVER: Final = (BatchState.UPLOADED, BatchState.CANCELLED)


def ended_batches_stay(
    before: Snapshot, now: Snapshot, *, decided: Collection[int] = ()
) -> list[str]:
    """I6: an uploaded or cancelled batch never changes; a failed one only by a person's decision.

    A person may decide two things about a failed batch: to re-queue it or to cancel it. ``decided``
    are the batches somebody decided about in between. Besides, no batch and no outcome ever goes
    missing, fences only rise, and a single step is one of the table of transitions.
    """
    found = []
    for old in before.batches:
        new = now.batch.get(old.id)
        if new is None:
            found.append(f"batch {old.id} is gone")
        elif new != old and old.state in _OVER:
            found.append(f"batch {old.id} was {old.state} and changed")
        elif new != old and old.state is BatchState.FAILED and old.id not in decided:
            found.append(f"batch {old.id} failed and changed, and nobody decided it")
        elif new.state not in {old.state, *BATCH_TRANSITIONS[old.state].values()}:
            found.append(f"batch {old.id} went from {old.state} to {new.state} in one step")
        elif new.fence < old.fence:
            found.append(f"the fence of batch {old.id} went back")
    kept = {(row.contact_id, row.batch_id) for row in now.outcomes}
    found += [
        f"contact {row.contact_id} lost its outcome"
        for row in before.outcomes
        if (row.contact_id, row.batch_id) not in kept
    ]
    return found


def a_stale_fence_wrote(before: Snapshot, now: Snapshot, *, batch_id: int, fence: int) -> list[str]:
    """I7: who acted on the batch with ``fence`` changed nothing of it unless the fence was valid.

    Ask after every single step of a worker, with the fence that its claim gave it.
    """
    valid = before.batch[batch_id]
    if valid.fence == fence and valid.state is BatchState.UPLOADING:
        return []
    if _of_batch(before, batch_id) == _of_batch(now, batch_id):
        return []
    return [f"fence {fence} wrote to batch {batch_id}, which is {valid.state} at {valid.fence}"]


def sent_after_cancel(
    at_wish: Snapshot, now: Snapshot, *, batch_id: int, workers: int
) -> list[str]:
    """I8: after a wish to cancel the batch, a worker that has it begins at most one chunk more.

    ``at_wish`` is the record when the wish was put on it, ``workers`` how many had the batch then,
    stale ones included. A re-queue withdraws the wish, and with it this law.
    """
    begun = [
        row.number
        for row in at_wish.chunks
        if row.batch_id == batch_id
        and row.state is ChunkState.PLANNED
        and now.chunk[batch_id, row.number].state is not ChunkState.PLANNED
    ]
    if len(begun) <= workers:
        return []
    return [f"batch {batch_id} began chunks {begun} after it was to be cancelled"]


def claims_are_bounded(now: Snapshot) -> list[str]:
    """I10: no batch is claimed more often than ``MAX_CLAIMS`` times without a person's decision."""
    return [
        f"batch {row.id} was claimed {row.claims} times"
        for row in now.batches
        if row.claims > MAX_CLAIMS
    ]


def _of_batch(snapshot: Snapshot, batch_id: int) -> tuple[object, ...]:
    return (
        snapshot.batch.get(batch_id),
        [row for row in snapshot.chunks if row.batch_id == batch_id],
        [row for row in snapshot.outcomes if row.batch_id == batch_id],
        [row for row in snapshot.members if row.batch_id == batch_id],
    )
