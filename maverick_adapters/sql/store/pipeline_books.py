"""Every bucket of a workspace counted from single rows, and the rows that break the sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from maverick_adapters.sql.store.filtering import counts_by_code
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    candidate_verdicts,
    candidates,
    contact_batches,
    contacts,
    filter_verdicts,
    outcomes,
    raw_contacts,
    workspaces,
)
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.audit.ports import Stray
from maverick_core.pipeline.audit.rules import Buckets
from maverick_core.pipeline.batch import ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.filtering.codes import KEPT

_raw, _filtered = raw_contacts.c, filter_verdicts.c
_candidate, _verified, _contact = candidates.c, candidate_verdicts.c, contacts.c


class PipelineBooksPart(Part):
    """Satisfies ``PipelineBooks``."""

    def buckets(self, workspace_id: int) -> Buckets:
        """Count every bucket; see ``PipelineBooks.buckets``."""
        with self._database.snapshot() as connection:
            codes = dict(counts_by_code(connection, workspace_id))
            verdicts = _counts(connection, _by_verdict(workspace_id))
            mailable = _mailable(workspace_id)
            states = _counts(connection, _by_state(workspace_id))
            return Buckets(
                slug=_slug(connection, workspace_id),
                raw=_one(connection, _of(raw_contacts, workspace_id)),
                raw_waiting=_one(connection, _raw_waiting(workspace_id)),
                kept=codes.pop(KEPT, 0),
                filtered=codes,
                candidates=_one(connection, _of(candidates, workspace_id)),
                candidates_waiting=_one(connection, _candidates_waiting(workspace_id)),
                mailable=_one(connection, select(func.count()).select_from(mailable.subquery())),
                not_mailable=verdicts,
                brought_verified=_one(connection, _brought(workspace_id, mailable)),
                contacts=_one(connection, _of(contacts, workspace_id)),
                states={ContactState(state): count for state, count in states.items()},
            )

    def strays(self, workspace_id: int, *, limit: int) -> Sequence[Stray]:
        """Return what breaks the sums; see ``PipelineBooks.strays``."""
        with self._database.snapshot() as connection:
            return [
                Stray(table, id_, why)
                for table, why, query in _strays(workspace_id)
                for id_ in connection.execute(query.limit(limit)).scalars()
            ]


def _slug(connection: Connection, workspace_id: int) -> str:
    query = select(workspaces.c.slug).where(workspaces.c.id == workspace_id)
    slug: str | None = connection.execute(query).scalar_one_or_none()
    if slug is None:
        raise Missing("There is no such workspace.", code="workspace_missing")
    return slug


def _one(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one())


def _counts(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(name): count for name, count in connection.execute(query)}


def _of(table: Any, workspace_id: int) -> Select[Any]:
    return select(func.count()).where(table.c.workspace_id == workspace_id)


def _raw_waiting(workspace_id: int) -> Select[Any]:
    judged = select(_filtered.raw_contact_id).where(_filtered.raw_contact_id == _raw.id).exists()
    return _of(raw_contacts, workspace_id).where(~judged)


def _candidates_waiting(workspace_id: int) -> Select[Any]:
    settled = select(_verified.candidate_id).where(_verified.candidate_id == _candidate.id)
    return _of(candidates, workspace_id).where(~settled.exists())


def _by_verdict(workspace_id: int) -> Select[Any]:
    name: ColumnElement[Any] = _verified.verdict + "/" + _verified.reason
    return (
        select(name, func.count())
        .where(_verified.workspace_id == workspace_id, ~_verified.mailable)
        .group_by(name)
    )


def _mailable(workspace_id: int) -> Select[Any]:
    return (
        select(_candidate.id, _candidate.email)
        .join(candidate_verdicts, _verified.candidate_id == _candidate.id)
        .where(_candidate.workspace_id == workspace_id, _verified.mailable)
    )


def _brought(workspace_id: int, mailable: Select[Any]) -> Select[Any]:
    """Count the contacts that are no mailable candidate of the workspace."""
    known = mailable.subquery()
    return (
        select(func.count())
        .select_from(contacts)
        .outerjoin(known, known.c.email == _contact.email)
        .where(_contact.workspace_id == workspace_id, known.c.id.is_(None))
    )


def _by_state(workspace_id: int) -> Select[Any]:
    member, chunk, batch = batch_members.c, batch_chunks.c, contact_batches.c
    state = case(
        (outcomes.c.outcome == Outcome.ACCEPTED, ContactState.UPLOADED.value),
        (outcomes.c.outcome.is_not(None), outcomes.c.outcome),
        (member.batch_id.is_(None), ContactState.VERIFIED.value),
        (chunk.state == ChunkState.SENT, ContactState.IN_DOUBT.value),
        else_=ContactState.BATCHED.value,
    )
    number = member.position // batch.chunk_size
    return (
        select(state, func.count())
        .select_from(contacts)
        .outerjoin(batch_members, and_(member.contact_id == _contact.id, ~member.released))
        .outerjoin(contact_batches, batch.id == member.batch_id)
        .outerjoin(batch_chunks, and_(chunk.batch_id == batch.id, chunk.number == number))
        .outerjoin(outcomes, outcomes.c.contact_id == _contact.id)
        .where(_contact.workspace_id == workspace_id)
        .group_by(state)
    )


def _strays(workspace_id: int) -> Iterator[tuple[str, str, Select[Any]]]:
    kept = and_(_filtered.raw_contact_id == _raw.id, _filtered.code == KEPT)
    mine = and_(_contact.workspace_id == workspace_id, _contact.email == _candidate.email)
    yield (
        "raw_contacts",
        "kept, and no candidate",
        select(_raw.id)
        .join(filter_verdicts, kept)
        .outerjoin(candidates, _candidate.raw_contact_id == _raw.id)
        .where(_raw.workspace_id == workspace_id, _candidate.id.is_(None))
        .order_by(_raw.id),
    )
    yield (
        "candidates",
        "a candidate that nobody kept",
        select(_candidate.id)
        .outerjoin(raw_contacts, _raw.id == _candidate.raw_contact_id)
        .outerjoin(filter_verdicts, kept)
        .where(_candidate.workspace_id == workspace_id, _filtered.raw_contact_id.is_(None))
        .order_by(_candidate.id),
    )
    yield (
        "candidates",
        "mailable, and no contact",
        select(_candidate.id)
        .join(candidate_verdicts, _verified.candidate_id == _candidate.id)
        .outerjoin(contacts, mine)
        .where(_candidate.workspace_id == workspace_id, _verified.mailable, _contact.id.is_(None))
        .order_by(_candidate.id),
    )
