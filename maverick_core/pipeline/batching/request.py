"""Planning that somebody asks for and a worker does."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_core.kernel.time import Clock, Month
from maverick_core.operations.ports import Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.pipeline.batching.rules import plannable_month
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.workspaces.ports import Workspaces
from maverick_core.workspaces.rules import check_batch_size


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """Use case: ask for a plan of a workspace's month."""

    workspaces: Workspaces
    operations: Operations
    clock: Clock

    def __call__(
        self, slug: str, month: Month | None = None, *, batch_size: int | None = None, by: str
    ) -> Operation:
        """Put the wish on record for ``month``, by default the present one where the workspace is.

        What can be seen to be wrong is refused at once; a month has its name from here on, however
        long a worker takes.

        Raises:
            Missing: no such workspace.
            Rejected: the month is over, or the batch size cannot be.

        """
        workspace = self.workspaces.workspace(slug)
        now = self.clock.now()
        month = month or Month.of(now, workspace.zone)
        plannable_month(month, now=now, zone=workspace.zone)
        size = workspace.batch_size if batch_size is None else check_batch_size(batch_size)
        return self.operations.add_operation(plan_wanted(slug, month, size, by=by), at=now)


def plan_wanted(slug: str, month: Month, batch_size: int, *, by: str) -> NewOperation:
    """Return the wish for a plan as it is put on record."""
    arguments = {"workspace": slug, "month": str(month), "batch_size": batch_size}
    return NewOperation(OperationKind.PLAN_BATCHES, slug, arguments, by)


@dataclass(frozen=True, slots=True)
class PlanAsRequested:
    """Do a plan that was asked for; batches and success are one transaction.

    That transaction holds the operation, so that a plan which waits for another one, or takes
    longer than its lease, is not begun a second time meanwhile.
    """

    plan_batches: PlanBatches

    def __call__(self, claim: OperationClaim) -> None:
        """Plan; see ``Deed`` and ``PlanBatches`` for the errors."""
        asked = claim.arguments
        self.plan_batches(
            asked["workspace"],
            Month.parse(asked["month"]),
            batch_size=asked["batch_size"],
            operation=claim,
        )
