"""What the audit needs from outside: the buckets, and whoever is in none or in two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from maverick_core.pipeline.audit.rules import Buckets


class Stray(NamedTuple):
    """A row that is where no row may be, by its table and its id."""

    table: str
    id: int
    why: str


class PipelineBooks(Protocol):
    """The whole pipeline of a workspace, counted."""

    def buckets(self, workspace_id: int) -> Buckets:
        """Return how many are where, all counted in one snapshot and none from a sum on record.

        Raises:
            Missing: ``workspace_missing``.

        """
        ...

    def strays(self, workspace_id: int, *, limit: int) -> Sequence[Stray]:
        """Return rows that break the sums, at most ``limit`` of each kind.

        Kept without a candidate, a candidate that nobody kept, mailable without a contact.
        """
        ...
