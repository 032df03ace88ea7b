"""Fills and refills that somebody asks for and a worker does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.time import Clock
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.operations.service import LEASE_SECONDS
from maverick_core.pipeline.master_fill.filling import FillMaster
from maverick_core.pipeline.master_fill.ports import RefillRun
from maverick_core.pipeline.master_fill.service import RefillWorkspace, check_limit
from maverick_core.workspaces.ports import Workspaces

_ANY: Final = 1  # at least one may be asked for, however many turn out to be missing


@dataclass(frozen=True, slots=True)
class RequestFill:
    """Use case: ask for a fill of the master list."""

    operations: Operations
    clock: Clock

    def __call__(self, *, rebuild: bool = False, by: str) -> Operation:
        """Put the wish on record."""
        new = NewOperation(OperationKind.FILL_MASTER, None, {"rebuild": rebuild}, by)
        return self.operations.add_operation(new, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class FillAsRequested:
    """Fill the list as somebody asked; a worker that takes over goes on, or rebuilds afresh."""

    fill_master: FillMaster
    record: OperationRecord

    def __call__(self, claim: OperationClaim) -> None:
        """Fill it; see ``Deed``."""

        def tell(events: int) -> None:
            self.record.advance_operation(
                claim, done=events, total=events, lease_seconds=LEASE_SECONDS
            )

        filled = self.fill_master(tell, rebuild=claim.arguments["rebuild"])
        result = {"sightings": filled.sightings, "outcomes": filled.outcomes}
        self.record.succeed_operation(claim, result, done=filled.sightings + filled.outcomes)


@dataclass(frozen=True, slots=True)
class RequestRefill:
    """Use case: ask for a refill of a workspace."""

    workspaces: Workspaces
    operations: Operations
    clock: Clock

    def __call__(self, slug: str, *, limit: int | None = None, by: str) -> Operation:
        """Put the wish on record; how many are missing is seen when a worker does it.

        Raises:
            Missing: no such workspace.
            Rejected: ``bad_limit``.

        """
        self.workspaces.workspace(slug)
        check_limit(limit, _ANY)
        arguments = {"workspace": slug, "limit": limit}
        new = NewOperation(OperationKind.REFILL_WORKSPACE, slug, arguments, by)
        return self.operations.add_operation(new, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class RefillAsRequested:
    """Refill a workspace as somebody asked; a worker that takes over goes on with the run."""

    refill_workspace: RefillWorkspace
    record: OperationRecord

    def __call__(self, claim: OperationClaim) -> None:
        """Refill it; see ``Deed``."""
        asked = claim.arguments

        def tell(run: RefillRun) -> None:
            self.record.advance_operation(
                claim, done=run.brought, total=run.asked, lease_seconds=LEASE_SECONDS
            )

        done = self.refill_workspace(
            asked["workspace"], by=claim.by, limit=asked["limit"], told=tell
        )
        result = {"short": done.short, "brought": done.brought, "looked_at": done.looked_at}
        self.record.succeed_operation(claim, result, done=done.brought)
