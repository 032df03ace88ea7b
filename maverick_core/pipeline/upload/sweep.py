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
