"""Find batches that nobody works on and ring for them; what was lost on the way costs time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from maverick_core.pipeline.upload.desk import BatchDesk


class Doorbell(Protocol):
    """Tells some worker that a batch waits. May be lost or heard twice: the claim decides."""

    def ring(self, batch_id: int) -> None:
        """Ring for one batch."""
        ...


@dataclass(frozen=True, slots=True)
class SweepBatches:
    """Use case: ring for every batch that a claim would be given now.

    This is how a ready batch whose message was lost, and a batch whose worker died, are picked up
    again without a person. Ringing twice is harmless.
    """

    desk: BatchDesk
    doorbell: Doorbell
    limit: int = 1_000
    """Batches rung for in one sweep; the next sweep goes on."""

    def __call__(self, *, workspace_id: int | None = None) -> Sequence[int]:
        """Ring for what waits, of one workspace or of all, and return the batches' ids."""
        waiting = self.desk.claimable(workspace_id=workspace_id, limit=self.limit)
        for batch_id in waiting:
            self.doorbell.ring(batch_id)
        return waiting


class Announcements(Protocol):
    """Announcements of batches, as the sweeper makes them."""

    def announce_waiting(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what a claim would be given now and nobody was told of, and return how many.

        Of the ``limit`` oldest that wait, those that were never announced since their fence moved,
        and again those whose announcement was sent ``patience_seconds`` ago or more: it was lost,
        or the queue is long and another message does no harm. One transaction.
        """
        ...


@dataclass(frozen=True, slots=True)
class AnnounceBatches:
    """Use case: the sweep where a relay carries announcements to the queues of other processes.

    This is how a batch whose message was lost with the broker's memory, and one whose worker died,
    come home without a person.
    """

    announcements: Announcements
    patience_seconds: float = 60.0
    limit: int = 1_000

    def __call__(self) -> int:
        """Announce what waits and return how many batches that were."""
        return self.announcements.announce_waiting(
            patience_seconds=self.patience_seconds, limit=self.limit
        )
