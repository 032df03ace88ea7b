"""Where suppressions are kept and looked up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.suppression.rules import Match, SuppressionReason, Target


@dataclass(frozen=True, slots=True)
class Suppression:
    """A suppression on record; ``workspace_id`` is None where it holds for all."""

    id: int
    workspace_id: int | None
    target: Target
    reason: SuppressionReason
    at: datetime
    by: str


class SuppressionList(Protocol):
    """Who must not be written to. Each call is one transaction."""

    def add_suppressions(
        self,
        workspace_id: int | None,
        targets: Collection[Target],
        reason: SuppressionReason,
        *,
        by: str,
        at: datetime,
    ) -> int:
        """Suppress ``targets`` for one workspace, or for all; return how many are new.

        What is suppressed there already stays as it is, with the reason that it has.
        """
        ...

    def remove_suppressions(self, workspace_id: int | None, targets: Collection[Target]) -> int:
        """Take away those that stand for exactly this workspace, or for all; return how many.

        What was left out meanwhile stays left out.
        """
        ...

    def suppressions(
        self, workspace_id: int | None, *, after: int = 0, limit: int, own: bool = False
    ) -> Sequence[Suppression]:
        """Return those that hold in the workspace, with those for all, in order of id.

        At most ``limit``, each with an id greater than ``after``. Without a workspace only those
        for all; with ``own`` only those that stand for exactly the workspace.
        """
        ...

    def suppressed(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, Match]:
        """Return which of the normalised ``emails`` must not be written to for the workspace."""
        ...
