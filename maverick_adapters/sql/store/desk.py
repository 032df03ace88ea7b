"""Decisions of people about batches, and what waits for a worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    insert,
    select,
    true,
    update,
)

from maverick_adapters.sql.store.announcing import announce
from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.uploads import is_in_doubt, release_members
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_decisions,
    contact_batches,
    workspaces,
)
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.batch import BatchEvent, BatchState, ChunkState, after
from maverick_core.pipeline.upload.desk import (
    Decision,
    check_batch_version,
    not_cancelled,
    not_requeued,
)
from maverick_core.pipeline.views import batch_version

_OVER = (BatchState.UPLOADED, BatchState.CANCELLED)


class DeskPart(Part):
    """Each decision is one transaction, and is kept with the batch."""

    def requeue(self, batch_id: int, decision: Decision) -> None:
        """Turn a failed batch to ready; see ``BatchDesk.requeue``."""
        with self._database.write() as connection:
            batch = _locked(connection, batch_id)
            if _is_decided(connection, batch_id, decision):
                return
            check_batch_version(decision.version, batch_version(batch.fence, batch.updated_at))
            state = BatchState(batch.state)
            if state is not BatchState.FAILED:
                raise not_requeued(batch_id, state)
            _send_round_again(connection, batch_id, decision, cancel_requested=False)
            self._announce(connection, batch_id, decision)
            _keep(connection, batch_id, "requeue", decision)

    def cancel(self, batch_id: int, decision: Decision) -> BatchState:
        """Cancel at once, or leave the wish to a worker; see ``BatchDesk.cancel``."""
        with self._database.write() as connection:
            batch = self._locked_with_lease(connection, batch_id)
            check_batch_version(decision.version, batch_version(batch.fence, batch.updated_at))
            state = BatchState(batch.state)
            if state in _OVER:
                raise not_cancelled(batch_id, state)
            _keep(connection, batch_id, "cancel", decision)
            if batch.has_worker or _needs_worker(connection, batch):
                state = _wish_cancelled(connection, batch_id, state, decision)
                if not batch.has_worker:
                    self._announce(connection, batch_id, decision)
                return state
            return _cancel_now(connection, batch_id, state, decision)

    def claimable(self, *, workspace_id: int | None = None, limit: int) -> Sequence[int]:
        """Return ids of what waits; see ``BatchDesk.claimable``."""
        batch = contact_batches.c
        query = self._waiting(batch.id).limit(limit)
        if workspace_id is not None:
            query = query.where(batch.workspace_id == workspace_id)
        with self._database.read() as connection:
            return connection.execute(query).scalars().all()

    def _waiting(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select from the batches that a claim would be given now, oldest first."""
        batch = contact_batches.c
        expired = batch.lease_until <= self._dialect.now(self._clock)
        waits = case((batch.state == BatchState.READY, true()), else_=expired)
        return (
            select(*columns)
            .join_from(contact_batches, workspaces, workspaces.c.id == batch.workspace_id)
            # In these words the partial index knows itself.
            .where(
                batch.state.not_in((BatchState.UPLOADED, BatchState.FAILED, BatchState.CANCELLED))
            )
            .where(waits, workspaces.c.hold.is_(None))
            .order_by(batch.id)
        )

    def _announce(self, connection: Connection, batch_id: int, decision: Decision) -> None:
        this = contact_batches.c.id == batch_id
        announce(connection, self._dialect, this, at=decision.at)

    def _locked_with_lease(self, connection: Connection, batch_id: int) -> AnyRow:
        alive = contact_batches.c.lease_until > self._dialect.now(self._clock)
        worker = and_(contact_batches.c.state == BatchState.UPLOADING, alive)
        return _locked(connection, batch_id, worker.label("has_worker"))


def _change(connection: Connection, batch_id: int, decision: Decision, **values: Any) -> None:
    connection.execute(
        update(contact_batches)
        .where(contact_batches.c.id == batch_id)
        .values(updated_at=decision.at, **values)
    )


def _send_round_again(
    connection: Connection, batch_id: int, decision: Decision, *, cancel_requested: bool
) -> None:
    _change(
        connection,
        batch_id,
        decision,
        state=after(BatchState.FAILED, BatchEvent.REQUEUE),
        fence=contact_batches.c.fence + 1,
        claims=0,
        failure_code="",
        failure_detail="",
        cancel_requested=cancel_requested,
    )


def _wish_cancelled(
    connection: Connection, batch_id: int, state: BatchState, decision: Decision
) -> BatchState:
    if state is BatchState.FAILED:
        _send_round_again(connection, batch_id, decision, cancel_requested=True)
        return BatchState.READY
    _change(connection, batch_id, decision, cancel_requested=True)
    return state


def _cancel_now(
    connection: Connection, batch_id: int, state: BatchState, decision: Decision
) -> BatchState:
    release_members(connection, batch_id)
    cancelled = after(state, BatchEvent.CANCEL)
    ended = {"lease_until": None, "worker": None, "failure_code": "", "failure_detail": ""}
    _change(connection, batch_id, decision, state=cancelled, **ended)
    return cancelled


def _locked(connection: Connection, batch_id: int, *more: Any) -> AnyRow:
    batch = connection.execute(
        select(contact_batches, *more).where(contact_batches.c.id == batch_id).with_for_update()
    ).one_or_none()
    if batch is None:
        raise Missing(f"There is no batch {batch_name(batch_id)}.", code="batch_missing")
    return batch


def _needs_worker(connection: Connection, batch: AnyRow) -> bool:
    """Say whether only an upload can end it: contacts in doubt, or leads outside the campaign."""
    if is_in_doubt(connection, batch.id):
        return True
    if batch.campaign_id is None:
        return False
    chunks = batch_chunks.c
    unattached = exists().where(
        chunks.batch_id == batch.id, chunks.state != ChunkState.ATTACHED, chunks.accepted > 0
    )
    return bool(connection.execute(select(unattached)).scalar_one())


def _is_decided(connection: Connection, batch_id: int, decision: Decision) -> bool:
    """Say whether the operation that decides has decided before, and died since."""
    if decision.operation_id is None:
        return False
    kept = batch_decisions.c
    same = (kept.batch_id == batch_id, kept.operation_id == decision.operation_id)
    return bool(connection.execute(select(exists().where(*same))).scalar_one())


def _keep(connection: Connection, batch_id: int, action: str, decision: Decision) -> None:
    connection.execute(
        insert(batch_decisions).values(
            batch_id=batch_id,
            action=action,
            by=decision.by,
            at=decision.at,
            reason=decision.reason,
            operation_id=decision.operation_id,
        )
    )
