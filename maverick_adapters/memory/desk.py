"""What people and the sweeper do to batches, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from maverick_adapters.memory.tables import BatchRecord, Tables, Transactions
from maverick_adapters.memory.uploads import has_worker, why_not_claimable
from maverick_core.pipeline.batch import LIVE, BatchEvent, BatchState, after
from maverick_core.pipeline.upload.desk import (
    Decision,
    check_batch_version,
    not_cancelled,
    not_requeued,
)
from maverick_core.pipeline.views import DecisionView, batch_version


class MemoryDesk(Transactions):
    """Satisfies ``BatchDesk``."""

    def requeue(self, batch_id: int, decision: Decision) -> None:
        """Turn a failed batch to ready."""
        with self._transaction() as tables:
            batch = tables.batch_row(batch_id)
            if decision.operation_id in {each.operation_id for each in batch.decisions} - {None}:
                return
            check_batch_version(decision.version, batch_version(batch.fence, batch.updated_at))
            if batch.state is not BatchState.FAILED:
                raise not_requeued(batch_id, batch.state)
            batch = replace(_ready_again(batch), cancel_requested=False)
            tables.batches[batch_id] = _decided(batch, "requeue", decision)
            tables.announce(batch)

    def cancel(self, batch_id: int, decision: Decision) -> BatchState:
        """Cancel at once, or ask the worker to."""
        with self._transaction() as tables:
            batch = tables.batch_row(batch_id)
            check_batch_version(decision.version, batch_version(batch.fence, batch.updated_at))
            if batch.state not in LIVE:
                raise not_cancelled(batch_id, batch.state)
            worker = has_worker(batch, self._clock.now())
            if worker or _unfinished(tables, batch):
                batch = replace(batch, cancel_requested=True)
                if batch.state is BatchState.FAILED:
                    batch = _ready_again(batch)
                if not worker:
                    tables.announce(batch)
            else:
                tables.release(batch)
                state = after(batch.state, BatchEvent.CANCEL)
                batch = replace(batch, state=state, failure_code="", failure_detail="")
            tables.batches[batch_id] = _decided(batch, "cancel", decision)
        return batch.state

    def claimable(self, *, workspace_id: int | None = None, limit: int) -> Sequence[int]:
        """Return what a claim would be given, by id."""
        tables, now = self._tables, self._clock.now()
        ids = (
            batch.id
            for batch in tables.batches.values()
            if workspace_id in {None, batch.workspace_id}
            and not why_not_claimable(tables, batch, now)
        )
        return list(islice(ids, limit))


def _unfinished(tables: Tables, batch: BatchRecord) -> bool:
    """Say whether a worker has to settle or attach something before the batch may end."""
    return tables.in_doubt(batch) > 0 or any(
        tables.to_attach(batch, number) for number in range(len(batch.chunks))
    )


def _ready_again(batch: BatchRecord) -> BatchRecord:
    return replace(
        batch,
        state=after(batch.state, BatchEvent.REQUEUE),
        fence=batch.fence + 1,
        claims=0,
        failure_code="",
        failure_detail="",
    )


def _decided(batch: BatchRecord, action: str, decision: Decision) -> BatchRecord:
    view = DecisionView(action, decision.by, decision.at, decision.reason, decision.operation_id)
    return replace(batch, decisions=(*batch.decisions, view), updated_at=decision.at)
