"""The states of a batch and what moves it; every store keeps to this table.

A batch is claimed for a *lease*. Each claim raises the *fence*, and every later write of the
claimant carries it, so a worker that was given up for dead can no longer change anything. A crash
is not a failure: an expired lease is claimed again, at most ``MAX_CLAIMS`` times. A *failed* batch
is left alone by the system; only a person re-queues or cancels it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from maverick_core.kernel.errors import Conflict

MAX_CLAIMS: Final = 5  # reliability.md, decision 5
CHUNK_SIZE: Final = 500  # leads in one request, the most that Email Bison takes


class BatchState(StrEnum):
    """What a person sees in the batch list."""

    READY = "ready"
    """Waits for a worker."""
    UPLOADING = "uploading"
    """A worker holds the lease, or held it when it died."""
    UPLOADED = "uploaded"
    """Every contact has its outcome. Never changes again."""
    FAILED = "failed"
    """Stopped with a reason; waits for a person."""
    CANCELLED = "cancelled"
    """A person stopped it; what was not sent is free again. Never changes again."""


class ChunkState(StrEnum):
    """How far a chunk of a batch has come."""

    PLANNED = "planned"
    """Never sent, or certainly not taken."""
    SENT = "sent"
    """The intent to send is on record. Its contacts without an outcome are in doubt."""
    SETTLED = "settled"
    """Every contact has its outcome."""
    ATTACHED = "attached"
    """And every accepted lead is in the campaign, or known not to go there."""


class BatchEvent(StrEnum):
    """What happens to a batch."""

    CLAIM = "claim"
    """A worker takes it: from ``ready``, or from ``uploading`` when the lease has expired."""
    FINISH = "finish"
    FAIL = "fail"
    EXHAUST = "exhaust"
    """Claimed too often without an end."""
    HAND_BACK = "hand_back"
    """The worker lets go without blame: its workspace is on hold, or the worker stops."""
    REQUEUE = "requeue"
    CANCEL = "cancel"


_S, _E = BatchState, BatchEvent

BATCH_TRANSITIONS: Final[Mapping[BatchState, Mapping[BatchEvent, BatchState]]] = MappingProxyType(
    {
        _S.READY: MappingProxyType(
            {_E.CLAIM: _S.UPLOADING, _E.EXHAUST: _S.FAILED, _E.CANCEL: _S.CANCELLED}
        ),
        _S.UPLOADING: MappingProxyType(
            {
                _E.CLAIM: _S.UPLOADING,
                _E.FINISH: _S.UPLOADED,
                _E.FAIL: _S.FAILED,
                _E.EXHAUST: _S.FAILED,
                _E.HAND_BACK: _S.READY,
                _E.CANCEL: _S.CANCELLED,
            }
        ),
        _S.FAILED: MappingProxyType({_E.REQUEUE: _S.READY, _E.CANCEL: _S.CANCELLED}),
        _S.UPLOADED: MappingProxyType({}),
        _S.CANCELLED: MappingProxyType({}),
    }
)

LIVE: Final = frozenset({BatchState.READY, BatchState.UPLOADING, BatchState.FAILED})
"""States whose unsettled contacts hold room in the month's target."""


def after(state: BatchState, event: BatchEvent) -> BatchState:
    """Return the state that ``event`` leads to.

    Raises:
        Conflict: the event cannot happen to a batch in this state.

    """
    try:
        return BATCH_TRANSITIONS[state][event]
    except KeyError:
        raise Conflict(
            f"A batch that is {state} cannot take the step {event!r}.",
            code="batch_state",
            remedy='Look at it with "maverick batches show".',
        ) from None
