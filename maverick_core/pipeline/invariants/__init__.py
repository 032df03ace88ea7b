"""The laws of the main job, as functions that anything can call on what is on record.

Named after reliability.md, Invariants. A ``Snapshot`` is everything that a store knows, as plain
values; ``held`` is what the destination says it holds. Each law returns the violations that it
finds, in words and by id, never with a contact's data; an empty list means that the law holds.

``broken`` asks all that one snapshot can answer, ``broken_by_change`` those that take two.
What a law says of a moment holds between any two transactions, whatever is under way; what it says
*at rest* holds once nothing is under way and every batch that could move has moved.
"""

from __future__ import annotations

from collections.abc import Collection

from maverick_core.pipeline.invariants.buckets import (
    contact_states,
    every_contact_in_one_bucket,
    nobody_is_left_behind,
    sums_add_up,
)
from maverick_core.pipeline.invariants.change import (
    a_stale_fence_wrote,
    claims_are_bounded,
    ended_batches_stay,
    sent_after_cancel,
)
from maverick_core.pipeline.invariants.destination import (
    complete,
    complete_at_rest,
    enrolled_in_campaign,
    refused_is_not_held,
    sound,
)
from maverick_core.pipeline.invariants.ledger import (
    accounts_match_recount,
    counts_match_ledger,
    one_live_batch_a_contact,
    target_is_kept,
    uploaded_is_settled,
)
from maverick_core.pipeline.invariants.privacy import leaks
from maverick_core.pipeline.invariants.raw import (
    RAW,
    CandidateRow,
    RawBooks,
    RawRow,
    RawSnapshot,
    VerdictRow,
    VerifiedRow,
    raw_buckets,
    raw_buckets_add_up,
)
from maverick_core.pipeline.invariants.records import (
    BatchRow,
    Books,
    ChunkRow,
    ContactRow,
    Enrolled,
    Held,
    MemberRow,
    OutcomeRow,
    Snapshot,
)

__all__ = [
    "RAW",
    "BatchRow",
    "Books",
    "CandidateRow",
    "ChunkRow",
    "ContactRow",
    "Enrolled",
    "Held",
    "MemberRow",
    "OutcomeRow",
    "RawBooks",
    "RawRow",
    "RawSnapshot",
    "Snapshot",
    "VerdictRow",
    "VerifiedRow",
    "a_stale_fence_wrote",
    "accounts_match_recount",
    "broken",
    "broken_by_change",
    "claims_are_bounded",
    "complete",
    "complete_at_rest",
    "contact_states",
    "counts_match_ledger",
    "ended_batches_stay",
    "enrolled_in_campaign",
    "every_contact_in_one_bucket",
    "leaks",
    "nobody_is_left_behind",
    "one_live_batch_a_contact",
    "raw_buckets",
    "raw_buckets_add_up",
    "refused_is_not_held",
    "sent_after_cancel",
    "sound",
    "sums_add_up",
    "target_is_kept",
    "uploaded_is_settled",
]


def broken(
    now: Snapshot,
    held: Held | None = None,
    enrolled: Enrolled | None = None,
    *,
    at_rest: bool = False,
) -> list[str]:
    """Return what is wrong with the record as it stands, and with it against the destination.

    Without ``held`` and ``enrolled`` only the record itself is looked at. A target that was lowered
    below what is planned breaks no law: that is for ``broken_by_change``.
    """
    found = [
        *every_contact_in_one_bucket(now),
        *sums_add_up(now),
        *counts_match_ledger(now),
        *accounts_match_recount(now),
        *uploaded_is_settled(now),
        *claims_are_bounded(now),
        *one_live_batch_a_contact(now),
    ]
    if held is not None:
        found += sound(now, held)
        found += refused_is_not_held(now, held)
        found += complete_at_rest(now, held) if at_rest else complete(now, held)
    if enrolled is not None:
        found += enrolled_in_campaign(now, enrolled)
    if at_rest:
        found += nobody_is_left_behind(now)
    return found


def broken_by_change(
    before: Snapshot, now: Snapshot, *, decided: Collection[int] = ()
) -> list[str]:
    """Return what is wrong with the step from ``before`` to ``now``.

    ``decided`` are the batches that a person decided about in between.
    """
    return [
        *ended_batches_stay(before, now, decided=decided),
        *target_is_kept(now, before=before),
    ]
