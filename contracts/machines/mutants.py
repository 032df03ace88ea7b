"""Wrong stores, each with one plausible mistake, for the laws to catch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from contracts.machines.world import WatchedStore
from maverick_adapters.memory.tables import BatchRecord, Tables
from maverick_adapters.memory.targets import MemoryReservation
from maverick_core.kernel.time import Month
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.batch import BatchEvent, BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.desk import Decision
from maverick_core.pipeline.upload.ports import Claim, NotClaimed


class CountsWhenSending(WatchedStore):
    """Counts a chunk as uploaded when it is sent: nobody waits for an answer to be sure."""

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Send, and count."""
        cancel = super().mark_sent(claim, chunk, lease_seconds=lease_seconds)
        batch = self._tables.batches[claim.batch_id]
        contacts = self._tables.without_outcome(batch.chunk_members(chunk))
        counted = Settle(chunk, accepted=[(contact, 0) for contact in contacts])
        super().settle(claim, counted, lease_seconds=lease_seconds)
        return cancel

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Close the chunk: what it says was counted before."""
        closed = Settle(settlement.chunk, settled=settlement.settled, attached=settlement.attached)
        return super().settle(claim, closed, lease_seconds=lease_seconds)


class RequeuesAnything(WatchedStore):
    """Re-queues a batch whatever state it is in: the button is always there."""

    def requeue(self, batch_id: int, decision: Decision) -> None:
        """Turn the batch to ready."""
        with self._transaction() as tables:
            batch = tables.batch_row(batch_id)
            tables.batches[batch_id] = replace(
                batch,
                state=BatchState.READY,
                fence=batch.fence + 1,
                claims=0,
                updated_at=decision.at,
            )


class NeverHeedsCancel(WatchedStore):
    """A worker that does not look whether somebody wants the batch stopped."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Claim as if nobody had asked."""
        claim = super().claim(batch_id, worker=worker, lease_seconds=lease_seconds)
        return replace(claim, cancel_requested=False) if isinstance(claim, Claim) else claim

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Send on."""
        super().mark_sent(claim, chunk, lease_seconds=lease_seconds)
        return False

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Settle, and go on."""
        super().settle(claim, settlement, lease_seconds=lease_seconds)
        return False

    def renew(self, claim: Claim, *, lease_seconds: float) -> bool:
        """Renew, and go on."""
        super().renew(claim, lease_seconds=lease_seconds)
        return False


class NoFence(WatchedStore):
    """Trusts that whoever claimed the batch once still has it."""

    @contextmanager
    def _claimed(self, claim: Claim, lease_seconds: float) -> Iterator[tuple[Tables, BatchRecord]]:
        """Write to the batch, whoever has it now."""
        with self._transaction() as tables:
            now = self._clock.now()
            until = now + timedelta(seconds=lease_seconds)
            batch = replace(tables.batches[claim.batch_id], lease_until=until, updated_at=now)
            tables.batches[batch.id] = batch
            yield tables, batch


class ForgivingNoFence(NoFence):
    """No fence, and a ledger that lets a second outcome of a contact pass without a word."""

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Record what has no outcome yet."""
        done = self._tables.outcomes
        fresh = replace(
            settlement,
            accepted=[pair for pair in settlement.accepted if pair[0] not in done],
            skipped=[contact for contact in settlement.skipped if contact not in done],
            rejected=[pair for pair in settlement.rejected if pair[0] not in done],
            not_attachable=[
                pair
                for pair in settlement.not_attachable
                if done[pair[0]].outcome is Outcome.ACCEPTED
            ],
            settled=False,
        )
        cancel = super().settle(claim, fresh, lease_seconds=lease_seconds)
        if settlement.settled:
            with self._transaction() as tables:
                batch = tables.batches[claim.batch_id]
                tables.batches[batch.id] = batch.with_chunk(settlement.chunk, ChunkState.SETTLED)
        return cancel

    def finish(self, claim: Claim, end: End) -> None:
        """End the batch as this worker sees it, whatever it has become since."""
        state = {
            BatchEvent.FINISH: BatchState.UPLOADED,
            BatchEvent.CANCEL: BatchState.CANCELLED,
            BatchEvent.HAND_BACK: BatchState.READY,
        }.get(end.event, BatchState.FAILED)
        with self._transaction() as tables:
            batch = replace(tables.batches[claim.batch_id], state=state, lease_until=None)
            tables.batches[batch.id] = batch


class CounterInsteadOfLedger(ForgivingNoFence):
    """Adds up what answers say, and never asks whether a contact was counted before."""

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Add to the counter what the ledger would refuse."""
        done = self._tables.outcomes
        again = sum(contact in done for contact, _ in settlement.accepted)
        cancel = super().settle(claim, settlement, lease_seconds=lease_seconds)
        with self._transaction() as tables:
            batch = tables.batches[claim.batch_id]
            tables.batches[batch.id] = replace(batch, accepted=batch.accepted + again)
        return cancel


class RequeueForgetsOutcomes(WatchedStore):
    """Re-queues "from the start": outcomes are cleared and the counter stays as it is."""

    def requeue(self, batch_id: int, decision: Decision) -> None:
        """Re-queue, and forget."""
        super().requeue(batch_id, decision)
        with self._transaction() as tables:
            batch = tables.batches[batch_id]
            for contact in batch.members:
                tables.outcomes.pop(contact, None)
            chunks = (ChunkState.PLANNED,) * len(batch.chunks)
            tables.batches[batch_id] = replace(batch, chunks=chunks)


class SkipsAreAccepted(WatchedStore):
    """Believes a good status and does not compare the answer with what was sent."""

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Count everything that a good answer was about."""
        skipped = [(contact, 0) for contact in settlement.skipped]
        counted = replace(settlement, accepted=[*settlement.accepted, *skipped], skipped=[])
        return super().settle(claim, counted, lease_seconds=lease_seconds)


class ReservesWithoutLock(WatchedStore):
    """Reads the room before another planner commits, and plans into it afterwards."""

    @contextmanager
    def reserve(
        self, workspace_id: int, month: Month, *, operation: OperationClaim | None = None
    ) -> Iterator[MemoryReservation]:
        """Plan with the account as the planner before this one saw it."""
        with super().reserve(workspace_id, month, operation=operation) as reservation:
            key = workspace_id, str(month)
            seen = self.__dict__.setdefault("_seen", {})
            fresh = reservation.account
            stale = seen.get(key, fresh)
            seen[key] = fresh
            reservation._account = replace(stale, target=fresh.target)  # noqa: SLF001
            yield reservation


class RecordsTwice(WatchedStore):
    """Appends outcomes without the key that makes them unique: the last word wins."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Hand everything out again, settled or not."""
        claim = super().claim(batch_id, worker=worker, lease_seconds=lease_seconds)
        if not isinstance(claim, Claim):
            return claim
        batch = self._tables.batches[batch_id]
        chunks = [replace(c, contacts=batch.chunk_members(c.number)) for c in claim.chunks]
        return replace(claim, chunks=tuple(chunks))

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Clear the way for the second outcome."""
        contacts = [
            *(contact for contact, _ in settlement.accepted),
            *settlement.skipped,
            *(contact for contact, _ in settlement.rejected),
        ]
        with self._claimed(claim, lease_seconds) as (tables, _):
            for contact in contacts:
                tables.outcomes.pop(contact, None)
        return super().settle(claim, settlement, lease_seconds=lease_seconds)


class IgnoresHold(WatchedStore):
    """Hands out batches of a workspace whose token was refused."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Claim as if no workspace were on hold."""
        return self._unheld(
            lambda: super(IgnoresHold, self).claim(
                batch_id, worker=worker, lease_seconds=lease_seconds
            )
        )

    def _unheld(self, claim: Callable[[], Claim | NotClaimed]) -> Claim | NotClaimed:
        held = dict(self._tables.workspaces)
        self._tables.workspaces = {key: replace(row, hold=None) for key, row in held.items()}
        try:
            return claim()
        finally:
            self._tables.workspaces = held


class CancelDropsDoubt(WatchedStore):
    """Cancels on the spot, with requests still unanswered."""

    def cancel(self, batch_id: int, decision: Decision) -> BatchState:
        """Release whoever has no outcome, in doubt or not."""
        state = super().cancel(batch_id, decision)
        if state is BatchState.CANCELLED:
            return state
        with self._transaction() as tables:
            batch = tables.batches[batch_id]
            tables.release(batch)
            tables.batches[batch_id] = replace(batch, state=BatchState.CANCELLED)
        return BatchState.CANCELLED


class CancelForgetsToAttach(WatchedStore):
    """Cancels as soon as nothing is in doubt, with leads taken and in no campaign."""

    def cancel(self, batch_id: int, decision: Decision) -> BatchState:
        """Look at doubts only."""
        state = super().cancel(batch_id, decision)
        with self._transaction() as tables:
            batch = tables.batches[batch_id]
            if state is BatchState.READY and not tables.in_doubt(batch):
                tables.release(batch)
                state = BatchState.CANCELLED
                tables.batches[batch_id] = replace(batch, state=state)
        return state


class ForgetsTheIntent(WatchedStore):
    """Sends without putting the intent on record first."""

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Only renew the lease."""
        del chunk
        return self.renew(claim, lease_seconds=lease_seconds)


class ClaimsForEver(WatchedStore):
    """Never counts claims, so a batch that kills its workers is tried again and again."""

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Claim, whatever became of the claims before."""
        with self._transaction() as tables:
            if batch := tables.batches.get(batch_id):
                tables.batches[batch_id] = replace(batch, claims=0)
        return super().claim(batch_id, worker=worker, lease_seconds=lease_seconds)


class NotSentIsPlanned(WatchedStore):
    """Turns every open chunk back when a claim fails, in doubt or not."""

    def finish(self, claim: Claim, end: End) -> None:
        """Forget all doubts at a failure."""
        chunks = self._tables.batches[claim.batch_id].chunks
        sent = tuple(n for n, state in enumerate(chunks) if state is ChunkState.SENT)
        super().finish(claim, replace(end, not_sent=sent))
