"""Pages of batches: which ones, in which order, from where on.

Pages go on behind a *cursor*, the sort key and the id of the last row seen. What is added or taken
away between two pages moves nothing else: no row comes twice, none that was there is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.views import BatchView

READY_PATIENCE: Final = timedelta(minutes=10)
BEAT_PATIENCE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which batches are asked for; every field narrows, an empty one does not.

    ``email`` is normalised and finds the batch that the contact is in, or was released from.
    ``created_from`` is included, ``created_before`` is not.
    """

    states: AbstractSet[BatchState] = frozenset()
    slug: str | None = None
    month: str | None = None
    codes: AbstractSet[str] = frozenset()
    created_from: datetime | None = None
    created_before: datetime | None = None
    min_claims: int = 0
    email: str | None = None
    batch_id: int | None = None


EVERY_BATCH: Final = BatchFilter()


class SortKey(StrEnum):
    """What batches can be sorted by; ids decide between equals."""

    CREATED = "created"
    UPDATED = "updated"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class BatchCursor:
    """The last row of a page: its sort key and its id."""

    key: datetime | int
    id: int


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """A sort key and a direction; ids go the same way as the key."""

    by: SortKey = SortKey.CREATED
    descending: bool = True

    def cursor(self, batch: BatchView) -> BatchCursor:
        """Return the place of ``batch`` in this order."""
        keys: Mapping[SortKey, datetime | int] = {
            SortKey.CREATED: batch.created_at,
            SortKey.UPDATED: batch.updated_at,
            SortKey.CONTACTS: batch.contacts,
        }
        return BatchCursor(keys[self.by], batch.id)


NEWEST_FIRST: Final = BatchOrder()


@dataclass(frozen=True, slots=True)
class BatchTotal:
    """How many batches are in a state, and how many contacts those have."""

    batches: int
    contacts: int


class Stuck(StrEnum):
    """Why a batch does not move though it should."""

    HELD = "held"
    """Its workspace may not upload: the token is missing or was refused."""
    NOT_PICKED_UP = "not_picked_up"
    """Ready for long, and no worker took it: no worker serves the queue, or it is long."""
    NO_BEAT = "no_beat"
    """Its worker has not been heard of; it goes on with another one when the lease is over."""


def stuck(batch: BatchView, *, now: datetime) -> Stuck | None:
    """Say why the batch does not move, or None where nothing is wrong yet."""
    still = now - batch.updated_at
    if batch.state is BatchState.READY:
        if batch.hold:
            return Stuck.HELD
        return Stuck.NOT_PICKED_UP if still > READY_PATIENCE else None
    if batch.state is BatchState.UPLOADING and still > BEAT_PATIENCE:
        return Stuck.NO_BEAT
    return None


class BatchPages(Protocol):
    """Lists of batches for people. Their cost does not grow with the batches that are not shown."""

    def batches(
        self,
        wanted: BatchFilter = EVERY_BATCH,
        *,
        order: BatchOrder = NEWEST_FIRST,
        after: BatchCursor | None = None,
        limit: int = 50,
    ) -> Sequence[BatchView]:
        """Return the batches that are ``wanted``, those behind ``after``, at most ``limit``."""
        ...

    def batch_totals(self, wanted: BatchFilter = EVERY_BATCH) -> Mapping[BatchState, BatchTotal]:
        """Count what is wanted by state, as if no state had been asked for; reads all of it."""
        ...

    def queue_positions(self, batch_ids: Sequence[int]) -> Mapping[int, int]:
        """Return the place of those that a claim would be given now; 1 is the next to be taken."""
        ...
