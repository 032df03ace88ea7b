"""Conservation: every contact is in exactly one bucket at every moment, and the buckets add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from maverick_core.pipeline.batch import LIVE, BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.invariants.records import Snapshot


def contact_states(now: Snapshot) -> Mapping[int, ContactState]:
    """Return the bucket of every contact, by id; where the record names several, the first."""
    return {contact: states[0] for contact, states in now.places.items()}


def every_contact_in_one_bucket(now: Snapshot) -> list[str]:
    """No membership and no outcome contradicts another one about where its contact is."""
    return [
        f"contact {contact} is in {len(states)} buckets: {', '.join(states)}"
        for contact, states in now.places.items()
        if len(states) != 1
    ]


def sums_add_up(now: Snapshot) -> list[str]:
    """Buckets add up: a batch and a chunk have as many members as they say.

    So does a month: each contact of its batches is uploaded, reserved, skipped, rejected or free.
    """
    batches: Counter[int] = Counter()
    chunks: Counter[tuple[int, int]] = Counter()
    for member in now.members:
        batches[member.batch_id] += 1
        chunks[member.batch_id, member.chunk] += 1
    found = [
        f"batch {row.id} has {batches[row.id]} members and says {row.contacts}"
        for row in now.batches
        if batches[row.id] != row.contacts
    ]
    found += [
        f"chunk {row.number} of batch {row.batch_id} has {count} members and says {row.contacts}"
        for row in now.chunks
        if (count := chunks[row.batch_id, row.number]) != row.contacts
    ]
    return found + _months_add_up(now)


def nobody_is_left_behind(now: Snapshot) -> list[str]:
    """At rest, with no workspace on hold, every batch has come to an end or failed."""
    return [
        f"batch {row.id} is still {row.state} at rest"
        for row in now.batches
        if row.state in (BatchState.READY, BatchState.UPLOADING)
    ]


def _months_add_up(now: Snapshot) -> list[str]:
    planned: defaultdict[tuple[int, str], int] = defaultdict(int)
    for member in now.members:
        batch = now.batch[member.batch_id]
        if not member.released and (batch.state in LIVE or member.contact_id in now.outcome):
            planned[batch.workspace_id, batch.month] += 1
    found = []
    for key in planned.keys() | now.accounts.keys():
        account = now.accounts.get(key)
        parts = account and account.uploaded + account.reserved + account.skipped + account.rejected
        if (parts or 0) != planned[key]:
            found.append(
                f"workspace {key[0]}, {key[1]}: {parts} in its parts, {planned[key]} in it"
            )
    return found
