"""What operations need from outside: their record, seen by who asks and by who works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from maverick_core.operations.rules import (
    NewOperation,
    Operation,
    OperationClaim,
    OperationState,
    Problem,
)


class Operations(Protocol):
    """Operations as people meet them. Each call is one transaction."""

    def add_operation(self, new: NewOperation, *, at: datetime) -> Operation:
        """Put it on record and announce it.

        Raises:
            Missing: ``workspace_missing``.

        """
        ...

    def add_operation_once(self, new: NewOperation, *, at: datetime) -> tuple[Operation, bool]:
        """Put it on record and announce it, unless one like it is open: then return that one.

        Alike are two of a kind, of a workspace, and about the same (``about``). True says that it
        was added. Of any number who ask at a time one adds it.

        Raises:
            Missing: ``workspace_missing``.

        """
        ...

    def open_operations(self) -> Sequence[Operation]:
        """Return all that are queued or running, oldest first."""
        ...

    def operation(self, operation_id: int) -> Operation:
        """Return one operation.

        Raises:
            Missing: ``operation_missing``.

        """
        ...

    def operations(
        self,
        *,
        slug: str | None = None,
        state: OperationState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Operation]:
        """Return operations that match, the newest first, with ids below ``before``."""
        ...


class OperationRecord(Protocol):
    """Operations as workers meet them. Each call is one transaction."""

    def claim_operation(
        self, operation_id: int, *, worker: str, lease_seconds: float
    ) -> OperationClaim | str:
        """Take an operation that is queued, or whose worker's lease is over; else say why not.

        ``missing``, ``over``, ``busy``; and ``too_many_claims``, with which it fails for good. A
        claim takes the announcement away.
        """
        ...

    def advance_operation(
        self, claim: OperationClaim, *, done: int, total: int, lease_seconds: float
    ) -> None:
        """Put on record how far it is, and renew the lease; one of 0 seconds hands it back.

        Either begins the count of claims anew, as long as more is done than before: whoever gets
        on, or was asked to stop, was not ended by what there is to do.

        Raises:
            StaleOperation: the claim is not valid any more.

        """
        ...

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End it well; all that was to be done is ``done``.

        Raises:
            StaleOperation: the claim is not valid any more.

        """
        ...

    def fail_operation(self, claim: OperationClaim, problem: Problem) -> None:
        """End it with the reason.

        Raises:
            StaleOperation: the claim is not valid any more.

        """
        ...


class WaitingOperations(Protocol):
    """Operations that nobody works on, as the sweeper finds them."""

    def waiting_operations(self, *, limit: int) -> Sequence[Operation]:
        """Return those that a claim would be given now, oldest first."""
        ...

    def announce_operations(self, *, patience_seconds: float, limit: int) -> int:
        """Announce those of the oldest that wait which nobody was told of, and return how many.

        Again, too, where the announcement was sent ``patience_seconds`` ago or more: it was lost.
        """
        ...
