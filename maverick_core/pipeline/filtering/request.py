"""Filtering that somebody asks for and a worker does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breaths
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.pipeline.filtering.service import FilterContacts
from maverick_core.workspaces.ports import Workspaces

LEASE_SECONDS: Final = 120.0
"""Many times what the slowest page takes."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Use case: ask for a workspace's raw contacts to be judged."""

    workspaces: Workspaces
    operations: Operations
    clock: Clock

    def __call__(self, slug: str, *, by: str) -> Operation:
        """Put the wish on record.

        Raises:
            Missing: no such workspace.

        """
        self.workspaces.workspace(slug)
        return self.operations.add_operation(filter_wanted(slug, by=by), at=self.clock.now())


def filter_wanted(slug: str, *, by: str) -> NewOperation:
    """Return the wish for a filter as it is put on record."""
    return NewOperation(OperationKind.FILTER, slug, {}, by)


@dataclass(frozen=True, slots=True)
class FilterAsRequested:
    """Judge a workspace's raw contacts for whoever asked; how many wait is not counted first."""

    filter_contacts: FilterContacts
    record: OperationRecord
    breaths: Breaths
    lease_seconds: float = LEASE_SECONDS

    def __call__(self, claim: OperationClaim) -> None:
        """Judge them; see ``Deed``."""

        def tell(rows: int, codes: Mapping[str, int]) -> None:  # noqa: ARG001 - how many is enough
            self.record.advance_operation(
                claim, done=rows, total=rows, lease_seconds=self.lease_seconds
            )

        stopping = self.breaths.flights().stopping
        done = self.filter_contacts(claim.slug or "", tell, stopping)
        if done.stopped:  # the next worker need not wait for the lease
            self.record.advance_operation(claim, done=done.rows, total=done.rows, lease_seconds=0)
            return
        result = {"rules_version": done.rules_version, "codes": dict(done.codes)}
        self.record.succeed_operation(claim, result, done=done.rows)
