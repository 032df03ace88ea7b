"""Batches and their members as people look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from maverick_adapters.sql.store.pages import batch_query, batch_view
from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_decisions,
    batch_members,
    contact_batches,
    contacts,
    outcomes,
    upload_attempts,
)
from maverick_core.pipeline.batch import ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.views import (
    AttemptView,
    BatchView,
    DecisionView,
    MemberView,
    ReasonCount,
    by_frequency,
    no_batch,
)

_PAGE = 5_000  # members held at a time, whatever the size of the batch


class ViewsPart(Part):
    """Reads for people; they decide nothing."""

    def batch(self, batch_id: int) -> BatchView:
        """Return one batch; see ``BatchViews.batch``."""
        with self._database.read() as connection:
            found = connection.execute(batch_query().where(contact_batches.c.id == batch_id))
            row = found.mappings().one_or_none()
        if row is None:
            raise no_batch(batch_id)
        return batch_view(row)

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
            select(
                decision.action, decision.by, decision.at, decision.reason, decision.operation_id
            )
            .where(decision.batch_id == batch_id)
            .order_by(decision.id)
        )
        with self._database.snapshot() as connection:
            _check_batch(connection, batch_id)
            return (
                [AttemptView(*row) for row in connection.execute(attempts)],
                [DecisionView(*row) for row in connection.execute(decisions)],
            )

    def members(
        self,
        batch_id: int,
        *,
        states: AbstractSet[ContactState] = frozenset(),
        after: int = -1,
        limit: int | None = None,
    ) -> Iterator[MemberView]:
        """Return the batch's members in order, read page by page; see ``BatchViews.members``."""
        with self._database.read() as connection:
            _check_batch(connection, batch_id)
        query = _members_query(batch_id)
        if states:
            query = query.where(contact_state().in_(states))
        return islice(self._members(query, after, min(limit or _PAGE, _PAGE)), limit)

    def reasons(self, batch_id: int) -> Sequence[ReasonCount]:
        """Count by state and reason; see ``BatchViews.reasons``."""
        state, reason = contact_state(), func.coalesce(outcomes.c.reason, "")
        wanted: tuple[ColumnElement[Any], ...] = state, reason, func.count()
        query = (
            with_memberships(select(*wanted))
            .where(batch_members.c.batch_id == batch_id, outcomes.c.outcome != Outcome.ACCEPTED)
            .group_by(state, reason)
        )
        with self._database.read() as connection:
            _check_batch(connection, batch_id)
            rows = connection.execute(query).all()
        counts = [ReasonCount(ContactState(state), words, many) for state, words, many in rows]
        return sorted(counts, key=by_frequency)

    def _members(self, query: Select[Any], after: int, size: int) -> Iterator[MemberView]:
        while page := self._page(query.where(batch_members.c.position > after), size):
            for position, contact_id, email, lead_id, reason, found in page:
                state = ContactState(found)
                yield MemberView(position, contact_id, email, state, lead_id, reason or "")
            after = page[-1].position
            if len(page) < size:
                return

    def _page(self, query: Select[Any], size: int) -> Sequence[AnyRow]:
        with self._database.read() as connection:
            return connection.execute(query.limit(size)).all()


def _check_batch(connection: Connection, batch_id: int) -> None:
    known = exists().where(contact_batches.c.id == batch_id)
    if not connection.execute(select(known)).scalar_one():
        raise no_batch(batch_id)


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
