"""Who must not be written to, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count

from maverick_adapters.memory.tables import Tables, Transactions
from maverick_core.suppression.ports import Suppression
from maverick_core.suppression.rules import (
    Entry,
    Match,
    SuppressionReason,
    Target,
    keys_of,
    matches,
)


class MemorySuppressions(Transactions):
    """Satisfies ``SuppressionList``."""

    def add_suppressions(
        self,
        workspace_id: int | None,
        targets: Collection[Target],
        reason: SuppressionReason,
        *,
        by: str,
        at: datetime,
    ) -> int:
        """Suppress what is not."""
        with self._transaction() as tables:
            if workspace_id is not None:
                tables.workspace_row(workspace_id)
            rows = tables.raw.suppressions
            there = {(row.workspace_id, row.target) for row in rows.values()}
            new = sorted(target for target in set(targets) if (workspace_id, target) not in there)
            for id_, target in zip(count(max(rows, default=0) + 1), new, strict=False):
                rows[id_] = Suppression(id_, workspace_id, target, reason, at, by)
        return len(new)

    def remove_suppressions(self, workspace_id: int | None, targets: Collection[Target]) -> int:
        """Take away what stands there."""
        with self._transaction() as tables:
            rows = tables.raw.suppressions
            gone = [
                row.id
                for row in rows.values()
                if row.workspace_id == workspace_id and row.target in set(targets)
            ]
            for id_ in gone:
                del rows[id_]
        return len(gone)

    def suppressions(
        self, workspace_id: int | None, *, after: int = 0, limit: int, own: bool = False
    ) -> Sequence[Suppression]:
        """Return those that hold there."""
        rows = _holding(self._tables, workspace_id)
        return [
            row for row in rows if row.id > after and (not own or row.workspace_id == workspace_id)
        ][:limit]

    def suppressed(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to."""
        return suppressed_among(self._tables, workspace_id, emails)


def suppressed_among(
    tables: Tables, workspace_id: int, emails: Collection[str]
) -> Mapping[str, Match]:
    """Return which of the e-mails are covered in the workspace."""
    keys = keys_of(emails)
    entries = [
        Entry(row.target.key, row.target.kind, row.reason)
        for row in _holding(tables, workspace_id)
        if row.target.key in keys
    ]
    return matches(emails, entries)


def _holding(tables: Tables, workspace_id: int | None) -> Iterable[Suppression]:
    rows = tables.raw.suppressions.values()
    return (row for row in rows if row.workspace_id in {None, workspace_id})
