"""What targets need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from maverick_core.kernel.time import Month
from maverick_core.targets.rules import TargetAccount


class Targets(Protocol):
    """Targets and the figures that are held against them."""

    def set_target(self, workspace_id: int, month: Month, contacts: int, *, at: datetime) -> None:
        """Set the month's target, replacing the one before. What is planned already stays."""
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
