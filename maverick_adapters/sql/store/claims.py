"""Taking a batch: who gets it, and what is left of it to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy import Connection, insert, select, update

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    outcomes,
    upload_attempts,
    workspaces,
)
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
                cancel_requested=batch.cancel_requested,
                chunks=tuple(_chunks_left(connection, batch)),
            )

    def _lock_batch(self, connection: Connection, batch_id: int) -> AnyRow | None:
        batch = contact_batches
        expired = batch.c.lease_until <= self._dialect.now(self._clock)
        return connection.execute(
            select(batch, workspaces.c.hold, expired.label("expired"))
            .join(workspaces, workspaces.c.id == batch.c.workspace_id)
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
        connection.execute(
            insert(upload_attempts).values(
                batch_id=batch.id, fence=batch.fence + 1, worker=worker, started_at=now
            )
        )


def _refusal(batch: AnyRow) -> str | None:
    if batch.state not in _CLAIMABLE:
        return "over"
    if batch.state == BatchState.UPLOADING and not batch.expired:
        return "busy"
    if batch.hold:
        return "held"
    return None


def _chunks_left(connection: Connection, batch: AnyRow) -> Iterator[ChunkLeft]:
    """Yield what is unfinished; without a campaign a chunk is finished once it is settled."""
    done = [ChunkState.ATTACHED]
    if batch.campaign_id is None:
        done.append(ChunkState.SETTLED)
    chunks = batch_chunks
    states = connection.execute(
        select(chunks.c.number, chunks.c.state).where(
            chunks.c.batch_id == batch.id, chunks.c.state.not_in(done)
        )
    )
    left = dict(states.all())
    for number, rows in groupby(_members(connection, batch), lambda row: row[0]):
        if number in left:
            yield _left(number, left[number], rows, campaign=batch.campaign_id is not None)


def _members(connection: Connection, batch: AnyRow) -> Iterable[AnyRow]:
    """Return (chunk, contact, outcome, lead) of each member in its frozen order."""
    members = batch_members
    return connection.execute(
        select(
            (members.c.position // batch.chunk_size).label("chunk"),
            members.c.contact_id,
            outcomes.c.outcome,
            outcomes.c.lead_id,
        )
        .outerjoin(outcomes, outcomes.c.contact_id == members.c.contact_id)
        .where(members.c.batch_id == batch.id)
        .order_by(members.c.position)
    ).fetchall()


def _left(number: int, state: str, rows: Iterable[AnyRow], *, campaign: bool) -> ChunkLeft:
    contacts, to_attach = [], []
    for _, contact_id, outcome, lead_id in rows:
        if outcome is None:
            contacts.append(contact_id)
        elif campaign and outcome == Outcome.ACCEPTED:
            to_attach.append((contact_id, lead_id))
    return ChunkLeft(number, tuple(contacts), state == ChunkState.SENT, tuple(to_attach))
