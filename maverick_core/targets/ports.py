"""What targets need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from maverick_core.kernel.time import Month
from maverick_core.targets.rules import TargetAccount, TargetChange


class TargetMonths(Protocol):
    """Which months of a workspace have a target."""

    def target_months(
        self, workspace_id: int, *, before: Month | None = None, limit: int = 50
    ) -> Sequence[Month]:
        """Return the months that a target was set for, the last first, those before ``before``."""
        ...


class Targets(Protocol):
    """Targets and the figures that are held against them."""

    def set_target(
        self,
        workspace_id: int,
        month: Month,
        contacts: int,
        *,
        at: datetime,
        by: str = "",
        reason: str = "",
        version: int | None = None,
    ) -> None:
        """Set the month's target, replacing the one before. What is planned already stays.

        A change is put on record with who made it and why; setting what is set is none.
        ``version`` is the one that the change is meant for.

        Raises:
            Missing: ``workspace_missing``.
            Conflict: ``changed_meanwhile``, the target has another version; nothing is changed.

        """
        ...

    def target_history(self, workspace_id: int, month: Month) -> Sequence[TargetChange]:
        """Return the changes of the month's target, oldest first."""
        ...

    def account(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the month's account, its parts read in one snapshot."""
        ...

    def recount(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the same account counted from the single outcomes: the proof of ``account``."""
        ...

    def uploads(self, workspace_id: int, month: Month) -> Sequence[tuple[datetime, int]]:
        """Return when how many contacts were recorded as uploaded for the month, in order."""
        ...

    def supply(self, workspace_id: int) -> int:
        """Return how many verified contacts are in no batch and have no outcome."""
        ...
