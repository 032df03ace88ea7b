"""How contacts are cut into batches. Works on ids alone, so that a million a second is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Month
from maverick_core.workspaces.rules import DEFAULT_BATCH_SIZE, check_batch_size


def plan_batches(
    contact_ids: Iterable[int], *, room: int, batch_size: int = DEFAULT_BATCH_SIZE
) -> Iterator[tuple[int, ...]]:
    """Cut ``contact_ids`` into batches of ``batch_size``, in order, and stop when the room is used.

    Lazy: holds one batch at a time and takes no id from the iterable that there is no room for.
    The last batch is as small as it has to be. ``room`` and ``batch_size`` are contacts.

    Raises:
        Rejected: ``room`` is negative or ``batch_size`` is not between 1 and ``MAX_BATCH_SIZE``.

    """
    if room < 0:
        raise Rejected(f"The room left cannot be {room}.", code="bad_room")
    check_batch_size(batch_size)
    return _cut(islice(contact_ids, room), batch_size)


def _cut(ids: Iterator[int], size: int) -> Iterator[tuple[int, ...]]:
    while batch := tuple(islice(ids, size)):
        yield batch


def plannable_month(month: Month, *, now: datetime, zone: ZoneInfo) -> Month:
    """Return ``month`` if batches may still be planned for it in the workspace's own time zone.

    Raises:
        Rejected: the month is over there; a contact counts in the month that it is uploaded for.

    """
    current = Month.of(now, zone)
    if month < current:
        raise Rejected(
            f"{month} is over in {zone.key}; it is {current} there.",
            code="month_over",
            remedy=f"Plan for {current} or later.",
        )
    return month
