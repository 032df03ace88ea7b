"""What waits, and since when: the figures that tell whether work goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.pipeline.batch import BatchState


@dataclass(frozen=True, slots=True)
class Backlog:
    """The work that waits. An instant is None where nothing waits.

    ``ready_since`` is when the batch that is ready the longest last moved, ``expired_since`` when
    the first of the leases that ran out did, ``unsent_since`` when the oldest announcement that no
    worker was told of was made.
    """

    batches: Mapping[BatchState, int]
    ready_since: datetime | None = None
    expired_since: datetime | None = None
    unsent_since: datetime | None = None


class Backlogs(Protocol):
    """Asked every few seconds: cheap, and never in the way of who works."""

    def backlog(self) -> Backlog:
        """Return what waits now, each state of batches counted, those without any as 0."""
        ...
