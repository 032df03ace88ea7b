"""The record of uploads in memory: the readable reference of what the SQL store does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from maverick_adapters.memory.incidents import refuse_token, report_failure
from maverick_adapters.memory.tables import BatchRecord, OutcomeRecord, Tables, Transactions
from maverick_core.jobs.rules import upload_key
from maverick_core.pipeline.batch import (
    MAX_CLAIMS,
    BatchEvent,
    BatchState,
    ChunkState,
    after,
)
from maverick_core.pipeline.contact import SKIPPED_REASON, Outcome
from maverick_core.pipeline.upload.actions import ChunkLeft, End, Settle
from maverick_core.pipeline.upload.ports import Claim, NotClaimed, StaleWorker
from maverick_core.pipeline.views import AttemptView


class MemoryUploads(Transactions):
    """Satisfies ``UploadRecord``."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Take the batch, or say why not."""
        with self._transaction() as tables:
            now = self._clock.now()
            batch = tables.batches.get(batch_id)
            if batch is None:
                return NotClaimed("missing")
            if code := why_not_claimable(tables, batch, now):
                return NotClaimed(code)
            if batch.claims >= MAX_CLAIMS:
                tables.batches[batch_id] = exhausted = _exhausted(batch, now)
                report_failure(tables, exhausted, now)
                return NotClaimed("too_many_claims")
            tables.outbox.pop(upload_key(batch_id, batch.fence), None)
            attempt = AttemptView(batch.fence + 1, worker, now, None, "", "", "")
            batch = replace(
                batch,
                state=after(batch.state, BatchEvent.CLAIM),
                fence=batch.fence + 1,
                claims=batch.claims + 1,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=(*batch.attempts, attempt),
                updated_at=now,
            )
            tables.batches[batch_id] = batch
            return _claim(tables, batch)

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Turn the chunk to sent."""
        with self._claimed(claim, lease_seconds) as (tables, batch):
            if batch.chunks[chunk] not in {ChunkState.PLANNED, ChunkState.SENT}:
                raise AssertionError("a settled chunk is not sent again")
            tables.batches[batch.id] = batch.with_chunk(chunk, ChunkState.SENT)
        return batch.cancel_requested

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Append the outcomes and add them up."""
        with self._claimed(claim, lease_seconds) as (tables, batch):
            _record_outcomes(tables, batch.id, settlement, batch.updated_at)
            if settlement.settled and tables.without_outcome(batch.chunk_members(settlement.chunk)):
                raise AssertionError("a settled chunk has every outcome")
            tables.batches[batch.id] = _settled(batch, settlement)
        return batch.cancel_requested

    def renew(self, claim: Claim, *, lease_seconds: float) -> bool:
        """Renew the lease."""
        with self._claimed(claim, lease_seconds) as (_, batch):
            return batch.cancel_requested

    def finish(self, claim: Claim, end: End) -> None:
        """End the claim; the hold of the workspace decides whose fault a refused token is."""
        with self._claimed(claim, 0) as (tables, batch):
            event = end.event
            if end.holds_workspace:
                first = not tables.workspaces[batch.workspace_id].hold
                if first and tables.token_set_at(batch.workspace_id) == claim.token_set_at:
                    _refuse_token(tables, claim, batch.updated_at)
                elif event is BatchEvent.FAIL:
                    event = BatchEvent.HAND_BACK
            ended = _ended(batch, event, end)
            if event is BatchEvent.FINISH and any(_chunks_left(tables, ended)):
                raise AssertionError("an uploaded batch has nothing left to do")
            if event is BatchEvent.CANCEL:
                if tables.in_doubt(ended):
                    raise AssertionError("a cancelled batch leaves nobody in doubt")
                tables.release(ended)
            tables.batches[batch.id] = ended
            if event is BatchEvent.FAIL and not end.holds_workspace:
                report_failure(tables, ended, batch.updated_at)

    @contextmanager
    def _claimed(self, claim: Claim, lease_seconds: float) -> Iterator[tuple[Tables, BatchRecord]]:
        """Write to a batch that this claim still holds; its lease is renewed."""
        with self._transaction() as tables:
            batch = tables.batches[claim.batch_id]
            if batch.fence != claim.fence or batch.state is not BatchState.UPLOADING:
                raise StaleWorker(claim.batch_id)
            now = self._clock.now()
            lease_until = now + timedelta(seconds=lease_seconds)
            batch = replace(batch, lease_until=lease_until, updated_at=now)
            tables.batches[batch.id] = batch
            yield tables, batch


def why_not_claimable(tables: Tables, batch: BatchRecord, now: datetime) -> str:
    """Return the code of ``NotClaimed`` that a claim would be answered with, or nothing."""
    if batch.state not in {BatchState.READY, BatchState.UPLOADING}:
        return "over"
    if has_worker(batch, now):
        return "busy"
    return "held" if tables.workspaces[batch.workspace_id].hold else ""


def has_worker(batch: BatchRecord, now: datetime) -> bool:
    """Say whether a worker holds the batch by a lease that has not run out."""
    return batch.lease_until is not None and now < batch.lease_until


def _refuse_token(tables: Tables, claim: Claim, at: datetime) -> None:
    if claim.token_set_at:
        refuse_token(tables, claim.workspace_id, claim.token_set_at, at, claim.batch_id)


def _exhausted(batch: BatchRecord, now: datetime) -> BatchRecord:
    return replace(
        batch,
        state=after(batch.state, BatchEvent.EXHAUST),
        lease_until=None,
        failure_code="too_many_claims",
        failure_detail=f"{MAX_CLAIMS} workers took the batch and none of them came to an end.",
        updated_at=now,
    )


def _claim(tables: Tables, batch: BatchRecord) -> Claim:
    return Claim(
        batch_id=batch.id,
        workspace_id=batch.workspace_id,
        fence=batch.fence,
        campaign_id=batch.campaign_id,
        something_accepted=batch.accepted > 0,
        something_attached=tables.something_attached(batch),
        cancel_requested=batch.cancel_requested,
        token_set_at=tables.token_set_at(batch.workspace_id),
        chunks=tuple(_chunks_left(tables, batch)),
    )


def _chunks_left(tables: Tables, batch: BatchRecord) -> Iterator[ChunkLeft]:
    done = ChunkState.SETTLED if batch.campaign_id is None else ChunkState.ATTACHED
    for number, state in enumerate(batch.chunks):
        if state is not done:
            yield ChunkLeft(
                number,
                tables.without_outcome(batch.chunk_members(number)),
                in_doubt=state is ChunkState.SENT,
                to_attach=tables.to_attach(batch, number),
            )


def _record_outcomes(tables: Tables, batch_id: int, settlement: Settle, at: datetime) -> None:
    new = [
        *((contact, Outcome.ACCEPTED, lead, "") for contact, lead in settlement.accepted),
        *((contact, Outcome.SKIPPED, None, SKIPPED_REASON) for contact in settlement.skipped),
        *((contact, Outcome.SKIPPED, None, why) for contact, why in settlement.suppressed),
        *((contact, Outcome.REJECTED, None, why) for contact, why in settlement.rejected),
    ]
    for contact, outcome, lead_id, reason in new:
        if contact in tables.outcomes:
            raise AssertionError("an outcome is recorded once ever")
        tables.outcomes[contact] = OutcomeRecord(batch_id, outcome, lead_id, reason, at)
    for contact, reason in settlement.not_attachable:
        row = tables.outcomes[contact]
        if row.outcome is not Outcome.ACCEPTED:
            raise AssertionError("only what was accepted can be not attachable")
        tables.outcomes[contact] = replace(row, outcome=Outcome.NOT_ATTACHABLE, reason=reason)


def _settled(batch: BatchRecord, settlement: Settle) -> BatchRecord:
    batch = replace(
        batch,
        accepted=batch.accepted + len(settlement.accepted),
        skipped=batch.skipped + len(settlement.skipped) + len(settlement.suppressed),
        rejected=batch.rejected + len(settlement.rejected),
        not_attachable=batch.not_attachable + len(settlement.not_attachable),
    )
    if settlement.attached:
        return batch.with_chunk(settlement.chunk, ChunkState.ATTACHED)
    if settlement.settled:
        return batch.with_chunk(settlement.chunk, ChunkState.SETTLED)
    return batch


def _ended(batch: BatchRecord, event: BatchEvent, end: End) -> BatchRecord:
    failed = event is BatchEvent.FAIL
    for number in end.not_sent:
        batch = batch.with_chunk(number, ChunkState.PLANNED)
    *earlier, attempt = batch.attempts
    attempt = replace(
        attempt, ended_at=batch.updated_at, result=event, code=end.code, detail=end.detail
    )
    return replace(
        batch,
        state=after(batch.state, event),
        claims=batch.claims - (event is BatchEvent.HAND_BACK),
        lease_until=None,
        failure_code=end.code if failed else "",
        failure_detail=end.detail if failed else "",
        attempts=(*earlier, attempt),
    )
