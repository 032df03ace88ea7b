"""Taking a batch: who gets it, and what is left of it to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from maverick_adapters.sql.store.announcing import unannounce
from maverick_adapters.sql.store.incidents import report_failure
from maverick_adapters.sql.store.part import AnyRow, Part, ids
from maverick_adapters.sql.store.uploads import unsettled
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    bison_tokens,
    contact_batches,
    outcomes,
    upload_attempts,
    workspaces,
)
from maverick_core.jobs.rules import upload_key
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchEvent, BatchState, ChunkState, after
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import ChunkLeft
from maverick_core.pipeline.upload.ports import Claim, NotClaimed

_NO_END = f"{MAX_CLAIMS} workers took the batch and none of them came to an end."
_CLAIMABLE = (BatchState.READY, BatchState.UPLOADING)


class ClaimsPart(Part):
    """The first call of every upload."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Take the batch; see ``UploadRecord.claim``."""
        with self._database.write() as connection:
            batch = self._lock_batch(connection, batch_id)
            if batch is None:
                return NotClaimed("missing")
            if refusal := _refusal(batch):
                return NotClaimed(refusal)
            if batch.claims >= MAX_CLAIMS:
                self._exhaust(connection, batch)
                return NotClaimed("too_many_claims")
            self._take(connection, batch, worker, lease_seconds)
            return Claim(
                batch_id=batch_id,
                workspace_id=batch.workspace_id,
                fence=batch.fence + 1,
                campaign_id=batch.campaign_id,
                something_accepted=batch.accepted > 0,
                something_attached=batch.something_attached,
                cancel_requested=batch.cancel_requested,
                token_set_at=batch.token_set_at,
                chunks=tuple(self._chunks_left(connection, batch)),
            )

    def _lock_batch(self, connection: Connection, batch_id: int) -> AnyRow | None:
        batch = contact_batches
        expired = batch.c.lease_until <= self._dialect.now(self._clock)
        return connection.execute(
            select(
                batch,
                workspaces.c.hold,
                bison_tokens.c.set_at.label("token_set_at"),
                expired.label("expired"),
                _something_attached().label("something_attached"),
            )
            .join(workspaces, workspaces.c.id == batch.c.workspace_id)
            .outerjoin(bison_tokens, bison_tokens.c.workspace_id == batch.c.workspace_id)
            .where(batch.c.id == batch_id)
            .with_for_update(of=batch)
        ).one_or_none()

    def _exhaust(self, connection: Connection, batch: AnyRow) -> None:
        connection.execute(
            update(contact_batches)
            .where(contact_batches.c.id == batch.id)
            .values(
                state=after(BatchState(batch.state), BatchEvent.EXHAUST),
                failure_code="too_many_claims",
                failure_detail=_NO_END,
                lease_until=None,
                worker=None,
                updated_at=self._now(),
            )
        )
        report_failure(connection, self._dialect, batch.id, at=self._now())

    def _take(
        self, connection: Connection, batch: AnyRow, worker: str, lease_seconds: float
    ) -> None:
        now = self._now()
        connection.execute(
            update(contact_batches)
            .where(contact_batches.c.id == batch.id)
            .values(
                state=after(BatchState(batch.state), BatchEvent.CLAIM),
                fence=batch.fence + 1,
                claims=batch.claims + 1,
                lease_until=self._dialect.lease_end,
                worker=worker,
                updated_at=now,
            ),
            {"lease": self._dialect.lease(self._clock, lease_seconds)},
        )
        unannounce(connection, upload_key(batch.id, batch.fence))
        connection.execute(
            insert(upload_attempts).values(
                batch_id=batch.id, fence=batch.fence + 1, worker=worker, started_at=now
            )
        )

    def _chunks_left(self, connection: Connection, batch: AnyRow) -> Iterator[ChunkLeft]:
        """Yield what is unfinished; without a campaign a chunk is finished once it is settled."""
        campaign = batch.campaign_id is not None
        done = [ChunkState.ATTACHED] if campaign else [ChunkState.SETTLED, ChunkState.ATTACHED]
        chunk, size = batch_chunks.c, batch.chunk_size
        chunks = connection.execute(
            select(chunk.number, chunk.state, unsettled().label("unsettled"), chunk.contacts)
            .where(chunk.batch_id == batch.id, chunk.state.not_in(done))
            .order_by(chunk.number)
        ).all()
        members = _members(connection, batch.id) if chunks else ()
        for each in chunks:
            contact_ids = members[each.number * size : (each.number + 1) * size]
            untouched = each.unsettled == each.contacts
            found = {} if untouched else self._outcomes(connection, contact_ids)
            yield _left(each, contact_ids, found, campaign=campaign)

    def _outcomes(self, connection: Connection, contact_ids: Sequence[int]) -> Mapping[int, AnyRow]:
        """Return the outcomes of some contacts, each looked up by its key.

        A join would be planned by the size that the growing table had when it was last analysed.
        """
        outcome = outcomes.c
        rows = connection.execute(
            select(outcome.contact_id, outcome.outcome, outcome.lead_id).where(
                self._dialect.among(outcome.contact_id, contact_ids)
            )
        )
        return {row.contact_id: row for row in rows}


def _something_attached() -> ColumnElement[bool]:
    chunk = batch_chunks.c
    taken = (
        select(func.coalesce(func.sum(chunk.accepted), 0))
        .where(chunk.batch_id == contact_batches.c.id, chunk.state == ChunkState.ATTACHED)
        .correlate(contact_batches)
        .scalar_subquery()
    )
    return taken > contact_batches.c.not_attachable


def _refusal(batch: AnyRow) -> str | None:
    if batch.state not in _CLAIMABLE:
        return "over"
    if batch.state == BatchState.UPLOADING and not batch.expired:
        return "busy"
    if batch.hold:
        return "held"
    return None


def _members(connection: Connection, batch_id: int) -> Sequence[int]:
    members = batch_members.c
    in_order = (
        select(members.contact_id).where(members.batch_id == batch_id).order_by(members.position)
    )
    return ids(connection, in_order)


def _left(
    chunk: AnyRow, contact_ids: Sequence[int], found: Mapping[int, AnyRow], *, campaign: bool
) -> ChunkLeft:
    to_attach = [
        (contact_id, found[contact_id].lead_id)
        for contact_id in contact_ids
        if campaign and contact_id in found and found[contact_id].outcome == Outcome.ACCEPTED
    ]
    return ChunkLeft(
        number=chunk.number,
        contacts=tuple(id_ for id_ in contact_ids if id_ not in found),
        in_doubt=chunk.state == ChunkState.SENT,
        to_attach=tuple(to_attach),
    )
