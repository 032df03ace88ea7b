"""Who must not be written to, looked up by equal keys and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import suppressions
from maverick_core.suppression.ports import Suppression
from maverick_core.suppression.rules import (
    Entry,
    Match,
    SuppressionKind,
    SuppressionReason,
    Target,
    keys_of,
    matches,
)

_row = suppressions.c


class SuppressionsPart(Part):
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
        """Suppress what is not; see ``SuppressionList.add_suppressions``."""
        rest = {"workspace_id": workspace_id, "reason": reason, "by": by, "at": at}
        rows = [{"kind": kind, "target": key, **rest} for kind, key in sorted(set(targets))]
        add = self._dialect.insert(suppressions).on_conflict_do_nothing()
        of_whom = select(func.count()).select_from(suppressions).where(_stands_for(workspace_id))
        with self._database.write() as connection:
            if workspace_id is not None:
                check_workspace(connection, workspace_id)
            self._dialect.take_turn(connection, "suppressions")
            before = connection.execute(of_whom).scalar_one()
            if rows:
                connection.execute(add, rows)
            after: int = connection.execute(of_whom).scalar_one()
        return after - before

    def remove_suppressions(self, workspace_id: int | None, targets: Collection[Target]) -> int:
        """Take away what stands there; see ``SuppressionList.remove_suppressions``."""
        removed = 0
        with self._database.write() as connection:
            for kind, key in sorted(set(targets)):
                named = and_(_stands_for(workspace_id), _row.kind == kind, _row.target == key)
                removed += connection.execute(delete(suppressions).where(named)).rowcount
        return removed

    def suppressions(
        self, workspace_id: int | None, *, after: int = 0, limit: int, own: bool = False
    ) -> Sequence[Suppression]:
        """Return those that hold there; see ``SuppressionList.suppressions``."""
        which = _stands_for(workspace_id) if own else _holds_in(workspace_id)
        query = select(suppressions).where(which, _row.id > after).order_by(_row.id).limit(limit)
        with self._database.read() as connection:
            return [
                Suppression(
                    row.id,
                    row.workspace_id,
                    Target(SuppressionKind(row.kind), row.target),
                    SuppressionReason(row.reason),
                    row.at,
                    row.by,
                )
                for row in connection.execute(query)
            ]

    def suppressed(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to; see ``SuppressionList.suppressed``."""
        with self._database.read() as connection:
            return suppressed_among(connection, self._dialect, workspace_id, emails)


def suppressed_among(
    connection: Connection, dialect: Dialect, workspace_id: int, emails: Collection[str]
) -> Mapping[str, Match]:
    """Look all of the e-mails' keys up in one query by their index."""
    if not emails:
        return {}
    rows = connection.execute(
        select(_row.target, _row.kind, _row.reason).where(
            dialect.among_keys(_row.target, keys_of(emails)), _holds_in(workspace_id)
        )
    )
    entries = [
        Entry(target, SuppressionKind(kind), SuppressionReason(reason))
        for target, kind, reason in rows
    ]
    return matches(emails, entries)


def has_suppressions(connection: Connection, workspace_id: int) -> bool:
    """Say whether any suppression holds in the workspace."""
    held = exists().where(_holds_in(workspace_id))
    return bool(connection.execute(select(held)).scalar_one())


def _stands_for(workspace_id: int | None) -> ColumnElement[bool]:
    return _row.workspace_id == workspace_id  # which is IS NULL for None


def _holds_in(workspace_id: int | None) -> ColumnElement[bool]:
    return or_(_row.workspace_id.is_(None), _row.workspace_id == workspace_id)
