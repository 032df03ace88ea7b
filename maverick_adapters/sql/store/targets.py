"""Targets and what is held against them: sums for every day, single outcomes for the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    select,
    table,
)

from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.uploads import unsettled
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    imports,
    monthly_targets,
    outcomes,
    target_changes,
    uploads,
    workspaces,
)
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import LIVE, BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.raw_import.rules import ImportKind
from maverick_core.targets.rules import TargetAccount, TargetChange, check_target_version

# The seeds' name for the figures of a month. A view, so it cannot be wrong: see docs/decisions.
_stats = table(
    "pipeline_stats_cache",
    column("workspace_id", BigInteger),
    column("month", String),
    *(
        column(name, BigInteger)
        for name in ("uploaded", "reserved", "skipped", "rejected", "not_attachable")
    ),
)


class TargetsPart(Part):
    """Everything about a month's target."""

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
        """Set or replace the target; see ``Targets.set_target``.

        Those who change one month follow each other, also where it has no row yet.
        """
        values = {"contacts": contacts, "updated_at": at}
        statement = self._dialect.insert(monthly_targets).values(
            workspace_id=workspace_id, month=str(month), **values
        )
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            self._dialect.take_turn(connection, f"target:{workspace_id}:{month}")
            before = connection.execute(select(_target(workspace_id, month))).scalar_one()
            check_target_version(version, _version(connection, workspace_id, month))
            if before == contacts:
                return
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["workspace_id", "month"], set_=values
                )
            )
            connection.execute(
                insert(target_changes).values(
                    workspace_id=workspace_id,
                    month=str(month),
                    before=before,
                    contacts=contacts,
                    by=by,
                    at=at,
                    reason=reason,
                )
            )

    def target_history(self, workspace_id: int, month: Month) -> Sequence[TargetChange]:
        """Return the changes; see ``Targets.target_history``."""
        change = target_changes.c
        query = (
            select(change.id, change.before, change.contacts, change.by, change.at, change.reason)
            .where(change.workspace_id == workspace_id, change.month == str(month))
            .order_by(change.id)
        )
        with self._database.read() as connection:
            return [TargetChange(*row) for row in connection.execute(query)]

    def target_months(
        self, workspace_id: int, *, before: Month | None = None, limit: int = 50
    ) -> Sequence[Month]:
        """Return the months with a target, the last first; see ``TargetMonths.target_months``."""
        month = monthly_targets.c.month
        query = (
            select(month)
            .where(monthly_targets.c.workspace_id == workspace_id)
            .order_by(month.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(month < str(before))
        with self._database.read() as connection:
            return [Month.parse(row.month) for row in connection.execute(query)]

    def account(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the account from the batches' sums; see ``Targets.account``."""
        with self._database.read() as connection:
            return read_account(connection, workspace_id, month)

    def recount(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the account counted from single outcomes; reads them all."""
        with self._database.snapshot() as connection:
            return count_account(connection, workspace_id, month)

    def uploads(self, workspace_id: int, month: Month) -> Sequence[tuple[datetime, int]]:
        """Return when how many were recorded; see ``Targets.uploads``."""
        query = (
            select(uploads.c.at, func.sum(uploads.c.contacts))
            .join(contact_batches, contact_batches.c.id == uploads.c.batch_id)
            .where(_of_month(workspace_id, month))
            .group_by(uploads.c.at)
            .order_by(uploads.c.at)
        )
        with self._database.read() as connection:
            return [(at, contacts) for at, contacts in connection.execute(query)]

    def supply(self, workspace_id: int) -> int:
        """Return how many contacts are free; see ``free_by_sums``."""
        with self._database.read() as connection:
            return free_by_sums(connection, [workspace_id]).get(workspace_id, 0)


def free_by_sums(connection: Connection, workspace_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many contacts of each are free, from sums: they are counted as they come in.

    What an import brought raw is counted by the import that it became contacts with. A live or
    uploaded batch binds all its members, a cancelled one those with an outcome.
    """
    batch, workspace = contact_batches.c, workspaces.c
    settled = batch.accepted + batch.skipped + batch.rejected
    bound = case((batch.state == BatchState.CANCELLED, settled), else_=batch.contacts)
    brought = and_(imports.c.workspace_id == workspace.id, imports.c.kind == ImportKind.VERIFIED)
    free = _total(imports.c.added, brought) - _total(bound, batch.workspace_id == workspace.id)
    query = select(workspace.id, free).where(workspace.id.in_(workspace_ids))
    return {id_: int(count) for id_, count in connection.execute(query)}


def read_account(connection: Connection, workspace_id: int, month: Month) -> TargetAccount:
    """Read the account from sums, in one statement and so in one snapshot."""
    names = ("uploaded", "reserved", "skipped", "rejected", "not_attachable")
    sums = select(_stats).where(_stats.c.workspace_id == workspace_id, _stats.c.month == str(month))
    stats = sums.subquery()
    one = select(cast(1, BigInteger).label("one")).subquery()
    found = connection.execute(
        select(
            _target(workspace_id, month).label("target"),
            *(func.coalesce(stats.c[name], 0).label(name) for name in names),
            _in_doubt(workspace_id, month).label("in_doubt"),
        )
        .select_from(one)
        .outerjoin(stats, one.c.one == 1)
    ).mappings()
    return TargetAccount(**found.one())


def count_account(connection: Connection, workspace_id: int, month: Month) -> TargetAccount:
    """Count the same account from single outcomes and memberships, without any sum."""
    found = _count_outcomes(connection, workspace_id, month)
    waiting = _count_unsettled(connection, workspace_id, month)
    not_attachable = found.get(Outcome.NOT_ATTACHABLE, 0)
    return TargetAccount(
        target=connection.execute(select(_target(workspace_id, month))).scalar_one(),
        uploaded=found.get(Outcome.ACCEPTED, 0) + not_attachable,
        reserved=sum(waiting.values()),
        skipped=found.get(Outcome.SKIPPED, 0),
        rejected=found.get(Outcome.REJECTED, 0),
        in_doubt=waiting.get(ChunkState.SENT, 0),
        not_attachable=not_attachable,
    )


def _count_outcomes(connection: Connection, workspace_id: int, month: Month) -> dict[str, int]:
    rows = connection.execute(
        select(outcomes.c.outcome, func.count())
        .join(contact_batches, contact_batches.c.id == outcomes.c.batch_id)
        .where(_of_month(workspace_id, month))
        .group_by(outcomes.c.outcome)
    )
    return dict(rows.all())


def _count_unsettled(connection: Connection, workspace_id: int, month: Month) -> dict[str, int]:
    """Count members of live batches without an outcome, by the state of their chunk."""
    batch, member, chunk = contact_batches.c, batch_members.c, batch_chunks.c
    number = member.position // batch.chunk_size
    rows = connection.execute(
        select(chunk.state, func.count())
        .select_from(contact_batches)
        .join(batch_members, member.batch_id == batch.id)
        .join(batch_chunks, and_(chunk.batch_id == batch.id, chunk.number == number))
        .outerjoin(outcomes, outcomes.c.contact_id == member.contact_id)
        .where(_of_month(workspace_id, month), batch.state.in_(LIVE))
        .where(~member.released, outcomes.c.contact_id.is_(None))
        .group_by(chunk.state)
    )
    return dict(rows.all())


def _of_month(workspace_id: int, month: Month) -> ColumnElement[bool]:
    batch = contact_batches.c
    return and_(batch.workspace_id == workspace_id, batch.month == str(month))


def _target(workspace_id: int, month: Month) -> Any:
    target = monthly_targets.c
    return (
        select(target.contacts)
        .where(target.workspace_id == workspace_id, target.month == str(month))
        .scalar_subquery()
    )


def _version(connection: Connection, workspace_id: int, month: Month) -> int:
    change = target_changes.c
    last = select(func.max(change.id)).where(
        change.workspace_id == workspace_id, change.month == str(month)
    )
    return connection.execute(last).scalar() or 0


def _in_doubt(workspace_id: int, month: Month) -> ColumnElement[int]:
    """Sum over the chunks that are sent; only a live batch has any with contacts in doubt."""
    chunk = batch_chunks.c
    live = and_(_of_month(workspace_id, month), contact_batches.c.state.in_(LIVE))
    doubtful = (
        select(func.sum(unsettled()))
        .join_from(contact_batches, batch_chunks, chunk.batch_id == contact_batches.c.id)
        .where(live, chunk.state == ChunkState.SENT)
        .scalar_subquery()
    )
    return func.coalesce(doubtful, 0)


def _total(counted: ColumnElement[int], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(select(func.sum(counted)).where(condition).scalar_subquery(), 0)
