"""When a stage is asked for, and when it is better left for later.

A stage that has work and no operation for it is asked for, except where that would be in vain or
in driblets:

- The last operation got nowhere: it failed, a budget was used up, nobody was free to be planned.
  The same again is tried after ``PAUSE``.
- An earlier stage is still at it. What it brings is taken up every ``RHYTHM``, not with every page,
  and contacts are planned when they fill a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from maverick_core.kernel.ids import operation_name
from maverick_core.operations.rules import Operation, OperationKind, OperationState
from maverick_core.pipeline.stages import Stage

PAUSE: Final = timedelta(minutes=10)
"""How long what got nowhere is left alone: budgets and providers come back in hours."""
RHYTHM: Final = timedelta(minutes=1)
"""How often a stage is asked for while the one before it is at work."""

KINDS: Final[Mapping[Stage, frozenset[OperationKind]]] = {
    Stage.SCRAPING: frozenset({OperationKind.RUN_SOURCE}),
    Stage.FILTERING: frozenset({OperationKind.FILTER}),
    Stage.VERIFICATION: frozenset({OperationKind.VERIFY, OperationKind.VERIFY_AGAIN}),
    Stage.BATCHING: frozenset({OperationKind.PLAN_BATCHES}),
}
"""What does the work of a stage. Imports and batches are on record themselves: workers find them.
"""


class Asked(StrEnum):
    """What came of asking for a stage."""

    ASKED = "asked"
    """An operation was put on record; in a dry run, it would be."""
    UNDER_WAY = "under_way"
    """It was asked for before, or workers find it without a word."""
    NOTHING = "nothing"
    """Nothing waits."""
    LATER = "later"
    """Something waits, and to ask for it now would be in vain or in driblets."""
    CANNOT = "cannot"
    """Something waits, and somebody has to do something first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits in front of a stage of a workspace.

    ``id`` and ``name`` are those of the source, the import or the batch, ``since`` when it came.
    ``contacts`` and ``room`` are of planning: who is free, and for how many the target has room;
    ``room`` is None where the month has no target.
    """

    workspace_id: int
    id: int = 0
    name: str = ""
    since: datetime | None = None
    contacts: int = 0
    room: int | None = None


@dataclass(frozen=True, slots=True)
class StageAnswer:
    """What came of asking for a stage of a workspace.

    ``about`` is the source, the import or the batch; ``operation`` is the one that does it, or the
    one that got nowhere; ``why`` says in words what is in the way, and what to do.
    """

    slug: str
    stage: Stage
    asked: Asked
    about: str = ""
    operation: Operation | None = None
    since: datetime | None = None
    why: str = ""


def is_of(operation: Operation, stage: Stage, waiting: Waiting) -> bool:
    """Say whether the operation does this work; of sources, that of the same name."""
    if operation.kind not in KINDS.get(stage, ()):
        return False
    return stage is not Stage.SCRAPING or operation.arguments.get("source") == waiting.name


def hindrance(stage: Stage, waiting: Waiting, *, month: str, hold: str | None) -> str:
    """Return what somebody has to do before this work can be done; empty when nothing is."""
    if stage is Stage.UPLOAD and hold:
        return f"On hold: {hold}. Store a token that Email Bison takes."
    if stage is not Stage.BATCHING:
        return ""
    if waiting.room is None:
        return f"No target is set for {month}. Set one."
    if not waiting.room:
        return f"The target of {month} has no more room. Raise it, or wait for the next month."
    return ""


def too_soon(
    stage: Stage,
    waiting: Waiting,
    last: Operation | None,
    *,
    batch_size: int,
    more_comes: bool,
    at: datetime,
) -> str:
    """Return why the stage is left for later; empty when it is to be asked for.

    ``last`` is the last operation for this work; ``more_comes`` says that an earlier stage is busy.
    """
    ended = last.finished_at if last else None
    if last and ended and got_nowhere(last, waiting) and at < ended + PAUSE:
        return f"{operation_name(last.id)} got nowhere: {_reason(last)}"
    if not more_comes:
        return ""
    if stage is Stage.BATCHING and waiting.contacts < min(batch_size, waiting.room or 0):
        return "The contacts that are free do not fill a batch, and more are on their way."
    if ended and at < ended + RHYTHM:
        return "More is on its way; what came is taken up once a minute."
    return ""


def got_nowhere(operation: Operation, waiting: Waiting) -> bool:
    """Say whether an operation that ended would end in the same way if it were done again.

    A plan would where as many are free as then, with the same room, and it found nobody to plan.
    """
    if operation.state is OperationState.FAILED:
        return True
    result = operation.result or {}
    if operation.kind is OperationKind.PLAN_BATCHES:
        then = result.get("free"), result.get("room")
        return not operation.done and then == (waiting.contacts, waiting.room)
    return bool(_reason(operation))


def _reason(operation: Operation) -> str:
    if operation.problem:
        return operation.problem.detail
    result = operation.result or {}
    return str(result.get("why") or result.get("why_no_more") or "")
