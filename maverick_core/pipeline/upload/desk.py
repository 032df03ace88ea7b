"""What people and the sweeper do to batches from outside: re-queue, cancel, find what waits.

A failed batch is left alone until a person decides (the seeds' rule). Both decisions are one
compare-and-set each, so a second click, or one while the batch runs, changes nothing and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.batch import BatchState

_WHY_NOT_REQUEUED = {
    BatchState.READY: "it waits to be uploaded already",
    BatchState.UPLOADING: "it is in progress",
    BatchState.UPLOADED: "it was uploaded; every contact has its outcome",
    BatchState.CANCELLED: "it was cancelled; its contacts are free for a new batch",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided something about a batch, when and why; kept with the batch.

    ``operation_id`` is the operation that carried it out, where many were decided about at once.
    ``version`` is the batch's that the decision is meant for, None for whatever it is by then.
    """

    by: str
    at: datetime
    reason: str = ""
    operation_id: int | None = None
    version: str | None = None


class BatchDesk(Protocol):
    """Decisions about batches, each one transaction."""

    def requeue(self, batch_id: int, decision: Decision) -> None:
        """Turn a failed batch to ready: fence up by one, claims back to none, failure cleared.

        A wish to cancel that was on record is withdrawn: the later decision counts. What the same
        operation decided already is not decided again.

        Raises:
            Missing: ``batch_missing``.
            Conflict: ``not_failed``, the error of ``not_requeued``, or ``changed_meanwhile``;
                nothing is changed.

        """
        ...

    def cancel(self, batch_id: int, decision: Decision) -> BatchState:
        """Cancel a batch that is ready, uploading or failed; returns the state it is in after.

        Nothing in doubt, nothing taken that its campaign still waits for, and no worker with a
        live lease: cancelled at once, members without an outcome are released. Otherwise the wish
        is put on record, a failed batch turns to ready as by ``requeue``, and the worker that has
        it, or takes it next, settles what is in doubt and ends it.

        Raises:
            Missing: ``batch_missing``.
            Conflict: ``batch_over``, it is uploaded or cancelled, or ``changed_meanwhile``.

        """
        ...

    def claimable(self, *, workspace_id: int | None = None, limit: int) -> Sequence[int]:
        """Return ids of batches that a claim would be given now, oldest first.

        Those are ready ones, and uploading ones whose lease has expired, of workspaces not on hold.
        """
        ...


def check_batch_version(asked: str | None, present: str) -> None:
    """Let a decision through that is meant for the ``present`` version, or for whatever is there.

    Raises:
        Conflict: it is meant for another one.

    """
    if asked not in {None, present}:
        raise Conflict(
            "The batch has moved meanwhile.",
            code="changed_meanwhile",
            remedy="Look at it again, then decide.",
        )


def not_requeued(batch_id: int, state: BatchState) -> Conflict:
    """Return the error that says why a batch in ``state`` is not re-queued."""
    return Conflict(
        f"{batch_name(batch_id)} was not re-queued: {_WHY_NOT_REQUEUED[state]}.",
        code="not_failed",
        remedy="Only failed batches are re-queued.",
    )


def not_cancelled(batch_id: int, state: BatchState) -> Conflict:
    """Return the error that says why a batch in ``state`` is not cancelled."""
    return Conflict(
        f"{batch_name(batch_id)} was not cancelled: it is {state} already.",
        code="batch_over",
        remedy='What became of its contacts: "maverick batches show --contacts".',
    )


@dataclass(frozen=True, slots=True)
class RequeueBatch:
    """Use case: a person sends a failed batch round again; what was taken is not sent again."""

    desk: BatchDesk
    clock: Clock

    def __call__(
        self, batch_id: int, *, by: str, reason: str = "", version: str | None = None
    ) -> None:
        """Re-queue; see ``BatchDesk.requeue`` for the errors."""
        self.desk.requeue(batch_id, Decision(by, self.clock.now(), reason, version=version))


@dataclass(frozen=True, slots=True)
class CancelBatch:
    """Use case: a person stops a batch; what Email Bison took of it stays counted."""

    desk: BatchDesk
    clock: Clock

    def __call__(
        self, batch_id: int, *, by: str, reason: str = "", version: str | None = None
    ) -> BatchState:
        """Cancel; see ``BatchDesk.cancel`` for what is returned and the errors."""
        decision = Decision(by, self.clock.now(), reason, version=version)
        return self.desk.cancel(batch_id, decision)
