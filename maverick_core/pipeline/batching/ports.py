"""What planning needs from outside: a month's room, held while batches are made in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from maverick_core.kernel.time import Month
from maverick_core.operations.rules import OperationClaim
from maverick_core.targets.rules import TargetAccount


class Reservation(Protocol):
    """A month of a workspace, locked for planning."""

    @property
    def account(self) -> TargetAccount:
        """The account as it stood when the lock was had."""
        ...

    def eligible(self, *, after: int, limit: int) -> Sequence[int]:
        """Return ids of verified contacts in no batch and without an outcome, in order of id.

        At most ``limit`` of them, each greater than ``after``, none of them suppressed; empty only
        when there are no more.
        """
        ...

    def add_batches(self, batches: Sequence[Sequence[int]], *, campaign_id: int | None) -> range:
        """Put ready batches with these members on record; returns their ids, consecutive."""
        ...

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End the operation that the plan was asked for by, with the batches or not at all.

        Raises:
            StaleOperation: another worker has it; leaving with this error leaves no batch behind.

        """
        ...


class BatchPlans(Protocol):
    """Hands out reservations."""

    def reserve(
        self, workspace_id: int, month: Month, *, operation: OperationClaim | None = None
    ) -> AbstractContextManager[Reservation]:
        """Lock the month, and with it the workspace's free contacts.

        Two plans of one month follow each other, so neither exceeds its room; so do plans of two
        months of one workspace, so no contact is planned twice.
        A clean exit commits the batches that were added, an exception leaves nothing behind.
        ``operation`` is held as well, from before the wait for the month: until the exit nobody
        else is given it, however long its lease has been over.

        Raises:
            Missing: ``target_missing``, no target is set for the month.
            StaleOperation: another worker has the operation.

        """
        ...
