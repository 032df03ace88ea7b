"""What an operation is, how it goes on, and how far it is.

::

    queued --claim--> running --succeed--> succeeded
                      |  ^ +-----fail----> failed
                      +--+ claim, when the lease is over; ``MAX_CLAIMS`` times without getting on

An operation is claimed for a *lease*. Each claim raises the *fence*, and whatever its worker puts
on record carries it, so two workers never both count. What ended never changes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from maverick_core.jobs.rules import Work
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.kernel.ids import operation_name
from maverick_core.topology.routes import queue_of

MAX_CLAIMS: Final = 5  # as many as a batch gets: reliability.md, decision 5
NO_END: Final = f"{MAX_CLAIMS} workers began with it and none of them came to an end."


class OperationKind(StrEnum):
    """What can be asked for."""

    PLAN_BATCHES = "plan_batches"
    """Plan a workspace's verified contacts into batches of a month."""
    REQUEUE_BATCHES = "requeue_batches"
    """Send failed batches round again."""
    RUN_SOURCE = "run_source"
    """Take the pages of a source, or go on with a run of it."""
    FILTER = "filter"
    """Judge a workspace's raw contacts."""
    VERIFY = "verify"
    """Bring a workspace's candidates to a verdict."""
    VERIFY_AGAIN = "verify_again"
    """Take back what is not believed any more, and verify it."""
    FILL_MASTER = "fill_master"
    """Tell the master list all that came in."""
    REFILL_WORKSPACE = "refill_workspace"
    """Bring a workspace what it is short of, from the master list."""
    REFRESH_DISPOSABLE = "refresh_disposable"
    """Fetch the list of disposable domains."""


ACTORS: Final[Mapping[OperationKind, str]] = {
    OperationKind.PLAN_BATCHES: "app.workers.tasks.batching.create_batches",
    OperationKind.REQUEUE_BATCHES: "app.workers.tasks.batching.requeue_batches",
    OperationKind.RUN_SOURCE: "app.workers.tasks.scraping.run_source",
    OperationKind.FILTER: "app.workers.tasks.filtering.run",
    OperationKind.VERIFY: "app.workers.tasks.verification.verify",
    OperationKind.VERIFY_AGAIN: "verification_maintenance.verify_again",
    OperationKind.FILL_MASTER: "master_db_fill.fill",
    OperationKind.REFILL_WORKSPACE: "master_db_fill.refill_workspace",
    OperationKind.REFRESH_DISPOSABLE: "app.workers.tasks.filtering.refresh_disposable",
}
"""Who does each kind."""


_ABOUT: Final[Mapping[OperationKind, str]] = {
    OperationKind.PLAN_BATCHES: "month",
    OperationKind.REQUEUE_BATCHES: "batches",
    OperationKind.RUN_SOURCE: "source",
}
"""The argument that says what of its workspace an operation is about; others are about all of it.
"""


class OperationState(StrEnum):
    """How far an operation is."""

    QUEUED = "queued"
    """Waits for a worker."""
    RUNNING = "running"
    """A worker has it, or had it when it died."""
    SUCCEEDED = "succeeded"
    """It came to its end, and what came of it is on record."""
    FAILED = "failed"
    """It could not be done, and why is on record; what it did before that stays."""


@dataclass(frozen=True, slots=True)
class NewOperation:
    """Something asked for. ``arguments`` hold what JSON can; ``slug`` is None for all workspaces.

    Whoever is bound to another workspace does not see it.
    """

    kind: OperationKind
    slug: str | None
    arguments: Mapping[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an operation failed: the words of the error that ended it."""

    code: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands. ``done`` of ``total`` are what it counts, contacts or batches."""

    id: int
    kind: OperationKind
    slug: str | None
    arguments: Mapping[str, Any]
    by: str
    state: OperationState
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    problem: Problem | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None

    @property
    def rate(self) -> float | None:
        """What was done a second since the last worker began; None as long as nothing was."""
        if self.started_at is None or not self.done:
            return None
        seconds = (self.updated_at - self.started_at).total_seconds()
        return self.done / seconds if seconds > 0 else None

    @property
    def eta_seconds(self) -> float | None:
        """How long the rest takes at this rate."""
        if self.state is not OperationState.RUNNING or self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate


@dataclass(frozen=True, slots=True)
class OperationClaim:
    """A worker's right to do an operation, as long as nobody else has a higher ``fence``."""

    id: int
    kind: OperationKind
    slug: str | None
    arguments: Mapping[str, Any]
    by: str
    fence: int


class StaleOperation(Conflict):
    """Another worker has the operation, or it ended, since this claim. Stop, quietly."""

    def __init__(self, operation_id: int) -> None:
        """Name the operation whose claim is no longer valid."""
        super().__init__(
            f"The claim of {operation_name(operation_id)} is no longer valid.",
            code="stale_operation",
        )


def no_operation(operation_id: int) -> Missing:
    """Return the error that says that there is no such operation."""
    return Missing(
        f"There is no operation {operation_name(operation_id)}.",
        code="operation_missing",
        remedy='See "maverick operations list".',
    )


def about(kind: OperationKind, arguments: Mapping[str, Any]) -> object:
    """Return what of its workspace an operation is about: a source, a month; None for all of it."""
    return arguments.get(_ABOUT.get(kind, ""))


def operation_key(operation_id: int, fence: int) -> str:
    """Return what makes the announcement of one run of an operation unique."""
    return f"operation:{operation_id}:{fence}"


def operation_work(operation_id: int, kind: OperationKind, fence: int) -> Work:
    """Return the next run of an operation as it is announced."""
    actor = ACTORS[kind]
    return Work(queue_of(actor), actor, operation_id, operation_key(operation_id, fence))
