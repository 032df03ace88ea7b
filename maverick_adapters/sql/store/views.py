"""Batches and their members as people look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, exists, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_decisions,
    batch_members,
    contact_batches,
    contacts,
    outcomes,
    upload_attempts,
    workspaces,
)
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.views import AttemptView, BatchView, DecisionView, MemberView

_PAGE = 5_000  # members held at a time, whatever the size of the batch

_BATCH_COLUMNS = tuple(BatchView.__dataclass_fields__)


class ViewsPart(Part):
    """Reads for people; they decide nothing."""

    def batches(
        self,
        *,
        slug: str | None = None,
        month: str | None = None,
        state: BatchState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[BatchView]:
        """Return batches that match, newest first; see ``BatchViews.batches``."""
        batch = contact_batches.c
        query = _batch_query().order_by(batch.id.desc()).limit(limit)
        if slug is not None:
            query = query.where(workspaces.c.slug == slug)
        if month is not None:
            query = query.where(batch.month == month)
        if state is not None:
            query = query.where(batch.state == state)
        if before is not None:
            query = query.where(batch.id < before)
        with self._database.read() as connection:
            return [_batch(row) for row in connection.execute(query).mappings()]

    def batch(self, batch_id: int) -> BatchView:
        """Return one batch; see ``BatchViews.batch``."""
        with self._database.read() as connection:
            found = connection.execute(_batch_query().where(contact_batches.c.id == batch_id))
            row = found.mappings().one_or_none()
        if row is None:
            raise _no_batch(batch_id)
        return _batch(row)

    def history(self, batch_id: int) -> tuple[Sequence[AttemptView], Sequence[DecisionView]]:
        """Return claims and decisions, oldest first; see ``BatchViews.history``."""
        attempt, decision = upload_attempts.c, batch_decisions.c
        attempts = (
            select(
                attempt.fence,
                attempt.worker,
                attempt.started_at,
                attempt.ended_at,
                attempt.result,
                attempt.code,
                attempt.detail,
            )
            .where(attempt.batch_id == batch_id)
            .order_by(attempt.fence)
        )
        decisions = (
            select(decision.action, decision.by, decision.at, decision.reason)
            .where(decision.batch_id == batch_id)
            .order_by(decision.id)
        )
        with self._database.snapshot() as connection:
            _check_batch(connection, batch_id)
            return (
                [AttemptView(*row) for row in connection.execute(attempts)],
                [DecisionView(*row) for row in connection.execute(decisions)],
            )

    def members(self, batch_id: int, *, state: ContactState | None = None) -> Iterator[MemberView]:
        """Return the batch's members in order, read page by page; see ``BatchViews.members``."""
        with self._database.read() as connection:
            _check_batch(connection, batch_id)
        after, query = -1, _members_query(batch_id)
        if state is not None:
            query = query.where(contact_state() == state)
        while page := self._page(query.where(batch_members.c.position > after)):
            for position, contact_id, email, lead_id, reason, found in page:
                yield MemberView(contact_id, email, ContactState(found), lead_id, reason or "")
                after = position

    def _page(self, query: Select[Any]) -> Sequence[AnyRow]:
        with self._database.read() as connection:
            return connection.execute(query.limit(_PAGE)).all()


def _batch_query() -> Select[Any]:
    slug = workspaces.c.slug
    columns = [slug if name == "slug" else contact_batches.c[name] for name in _BATCH_COLUMNS]
    same = workspaces.c.id == contact_batches.c.workspace_id
    return select(*columns).join_from(contact_batches, workspaces, same)


def _check_batch(connection: Connection, batch_id: int) -> None:
    known = exists().where(contact_batches.c.id == batch_id)
    if not connection.execute(select(known)).scalar_one():
        raise _no_batch(batch_id)


def _no_batch(batch_id: int) -> Missing:
    return Missing(
        f"There is no batch {batch_name(batch_id)}.",
        code="batch_missing",
        remedy='List them with "maverick batches list".',
    )


def _batch(row: RowMapping) -> BatchView:
    return BatchView(**{**row, "state": BatchState(row["state"])})


def _members_query(batch_id: int) -> Select[Any]:
    member = batch_members.c
    wanted = select(
        member.position,
        member.contact_id,
        contacts.c.email,
        outcomes.c.lead_id,
        outcomes.c.reason,
        contact_state(),
    )
    return (
        with_memberships(wanted)
        .join(contacts, contacts.c.id == member.contact_id)
        .where(member.batch_id == batch_id)
        .order_by(member.position)
    )


def with_memberships(query: Select[Any]) -> Select[Any]:
    """Let ``query`` read memberships beside their batch, their chunk and their outcome there.

    A released contact may have got an outcome in a later batch; that is not this batch's.
    """
    member, chunk, batch = batch_members.c, batch_chunks.c, contact_batches.c
    number = member.position // batch.chunk_size
    there = outcomes.c.batch_id == member.batch_id
    return (
        query.select_from(batch_members)
        .join(contact_batches, batch.id == member.batch_id)
        .join(batch_chunks, and_(chunk.batch_id == member.batch_id, chunk.number == number))
        .outerjoin(outcomes, and_(outcomes.c.contact_id == member.contact_id, there))
    )


def contact_state() -> ColumnElement[str]:
    """Derive where a member is: from its outcome, else from its release, else from its chunk."""
    return case(
        (outcomes.c.outcome == Outcome.ACCEPTED, ContactState.UPLOADED.value),
        (outcomes.c.outcome.is_not(None), outcomes.c.outcome),
        (batch_members.c.released, ContactState.VERIFIED.value),
        (batch_chunks.c.state == ChunkState.SENT, ContactState.IN_DOUBT.value),
        else_=ContactState.BATCHED.value,
    )
