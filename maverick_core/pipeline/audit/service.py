"""Prove that the buckets add up, or name what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maverick_core.pipeline.audit.ports import PipelineBooks, Stray
from maverick_core.pipeline.audit.rules import Buckets, Difference, differences
from maverick_core.workspaces.ports import Workspaces


@dataclass(frozen=True, slots=True)
class Audited:
    """A workspace's buckets, and what is wrong with them; both lists are empty where all is well.

    ``strays`` are the first of each kind.
    """

    buckets: Buckets
    differences: Sequence[Difference]
    strays: Sequence[Stray]

    @property
    def whole(self) -> bool:
        """Whether every contact is in exactly one bucket."""
        return not (self.differences or self.strays)


@dataclass(frozen=True, slots=True)
class AuditPipeline:
    """Use case: count every bucket of a workspace anew, and hold the figures to each other.

    Reads every row once, so it takes its time; it locks nobody out.
    """

    workspaces: Workspaces
    books: PipelineBooks
    limit: int = 20
    """Strays of each kind that are named."""

    def __call__(self, slug: str) -> Audited:
        """Audit one workspace.

        Raises:
            Missing: no such workspace.

        """
        workspace = self.workspaces.workspace(slug)
        buckets = self.books.buckets(workspace.id)
        strays = self.books.strays(workspace.id, limit=self.limit)
        return Audited(buckets, list(differences(buckets)), strays)
