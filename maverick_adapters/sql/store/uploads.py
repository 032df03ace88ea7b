"""The record of an upload under way. Every write proves its claim first, and so has the row's lock.

The guarded update of the batch comes first in each transaction: it is the lock, the proof of the
fence and the renewal of the lease in one statement. The sums beside it are added from the lengths
of what is appended, and the tables' checks refuse to commit figures that do not add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from maverick_adapters.sql.errors import DefectError
from maverick_adapters.sql.store.incidents import report_failure
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.statements import (
    ADD_TO_CHUNK,
    MARK_SENT,
    NOTE_UPLOAD,
    prove_claim,
)
from maverick_adapters.sql.store.suppressions import suppressed_among
from maverick_adapters.sql.store.workspaces import put_on_hold
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    outcomes,
    upload_attempts,
    workspaces,
)
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.batch import BatchEvent, BatchState, ChunkState, after
from maverick_core.pipeline.contact import SKIPPED_REASON, Outcome
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import Claim, StaleWorker

_OUTCOME_COLUMNS = ("contact_id", "batch_id", "outcome", "lead_id", "reason", "at")

_OutcomeRow = tuple[int, int, str, int | None, str | None, datetime]


class UploadsPart(Part):
    """Everything an upload puts on record after its claim, and what it reads to send."""

    def leads(self, workspace_id: int, contact_ids: Sequence[int]) -> Sequence[Lead]:
        """Return the leads; see ``LeadsToSend.leads``."""
        with self._database.read() as connection:
            leads = self._dialect.leads(connection, workspace_id, contact_ids)
            emails = [lead.email for lead in leads]
            out = suppressed_among(connection, self._dialect, workspace_id, emails)
        if [lead[0] for lead in leads] != list(contact_ids):
            leads = _in_order(leads, contact_ids)
        return [lead for lead in leads if lead.email not in out] if out else leads

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Put the intent on record; see ``UploadRecord.mark_sent``."""
        with self._database.write() as connection:
            cancel = self._guard(connection, claim, lease_seconds)
            of_chunk = {"of_batch": claim.batch_id, "of_chunk": chunk}
            if connection.execute(MARK_SENT, of_chunk).rowcount != 1:
                raise DefectError(f"Chunk {chunk} of batch {claim.batch_id} is not to be sent.")
            return cancel

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Append outcomes and add them up; see ``UploadRecord.settle``."""
        with self._database.write() as connection:
            sums = _sums(settlement)
            refused = len(settlement.not_attachable)
            cancel = self._guard(connection, claim, lease_seconds, **sums, not_attachable=refused)
            _add_to_chunk(connection, claim, settlement, sums)
            if any(sums.values()):
                rows = _outcome_rows(claim.batch_id, settlement, self._now())
                self._dialect.append(connection, outcomes, _OUTCOME_COLUMNS, rows)
            if settlement.accepted:
                note = {"batch_id": claim.batch_id, "at": self._now(), "contacts": sums["accepted"]}
                connection.execute(NOTE_UPLOAD, note)
            for contact_id, reason in settlement.not_attachable:
                _not_attachable(connection, claim, contact_id, reason)
            return cancel

    def renew(self, claim: Claim, *, lease_seconds: float) -> bool:
        """Renew the lease; see ``UploadRecord.renew``."""
        with self._database.write() as connection:
            return self._guard(connection, claim, lease_seconds)

    def finish(self, claim: Claim, end: End) -> None:
        """End the claim; see ``UploadRecord.finish``."""
        with self._database.write() as connection:
            self._guard(connection, claim, lease_seconds=0.0)
            _unsend(connection, claim, end.not_sent)
            event = end.event
            if end.holds_workspace:
                first = self._hold_workspace(connection, claim)
                if event is BatchEvent.FAIL and not first:
                    event = BatchEvent.HAND_BACK
            if event is BatchEvent.FINISH:
                _check_finished(connection, claim)
            if event is BatchEvent.CANCEL:
                release_members(connection, claim.batch_id)
            self._end(connection, claim, end, event)
            if event is BatchEvent.FAIL and not end.holds_workspace:
                report_failure(connection, self._dialect, claim.batch_id, at=self._now())

    @cached_property
    def _prove_claim(self) -> ReturningUpdate[tuple[bool]]:
        return prove_claim(self._dialect.lease_end)

    def _guard(
        self,
        connection: Connection,
        claim: Claim,
        lease_seconds: float,
        *,
        accepted: int = 0,
        skipped: int = 0,
        rejected: int = 0,
        not_attachable: int = 0,
    ) -> bool:
        """Prove the claim, renew its lease, add to the sums; say whether to cancel."""
        given = {
            "of_batch": claim.batch_id,
            "of_fence": claim.fence,
            "lease": self._dialect.lease(self._clock, lease_seconds),
            "at": self._now(),
            "more_accepted": accepted,
            "more_skipped": skipped,
            "more_rejected": rejected,
            "more_not_attachable": not_attachable,
        }
        cancel = connection.execute(self._prove_claim, given).scalar_one_or_none()
        if cancel is None:
            raise StaleWorker(claim.batch_id)
        return bool(cancel)

    def _hold_workspace(self, connection: Connection, claim: Claim) -> bool:
        """Put the workspace on hold; False when it is already, or its token was replaced."""
        workspace = workspaces.c
        hold = connection.execute(
            select(workspace.hold).where(workspace.id == claim.workspace_id).with_for_update()
        ).scalar_one()
        if hold is not None or claim.token_set_at is None:
            return False
        return put_on_hold(
            connection,
            self._dialect,
            claim.workspace_id,
            claim.token_set_at,
            self._now(),
            batch_id=claim.batch_id,
        )

    def _end(self, connection: Connection, claim: Claim, end: End, event: BatchEvent) -> None:
        now = self._now()
        changes: dict[str, Any] = {}
        if event is BatchEvent.FAIL:
            changes = {"failure_code": end.code, "failure_detail": end.detail}
        if event is BatchEvent.HAND_BACK:
            changes = {"claims": contact_batches.c.claims - 1}
        state = after(BatchState.UPLOADING, event)
        connection.execute(
            update(contact_batches)
            .where(contact_batches.c.id == claim.batch_id)
            .values(state=state, lease_until=None, worker=None, updated_at=now, **changes)
        )
        attempts = upload_attempts
        connection.execute(
            update(attempts)
            .where(attempts.c.batch_id == claim.batch_id, attempts.c.fence == claim.fence)
            .values(ended_at=now, result=event, code=end.code, detail=end.detail)
        )


def _in_order(leads: Sequence[Lead], contact_ids: Sequence[int]) -> Sequence[Lead]:
    by_id = {lead.contact_id: lead for lead in leads}
    if absent := [contact_id for contact_id in contact_ids if contact_id not in by_id]:
        raise Missing(
            f"{len(absent)} contacts, the first of them {absent[0]}, are not on record.",
            code="contact_missing",
        )
    return [by_id[contact_id] for contact_id in contact_ids]


def release_members(connection: Connection, batch_id: int) -> None:
    """Set the members of a cancelled batch free that have no outcome; none may be in doubt."""
    if is_in_doubt(connection, batch_id):
        raise DefectError(f"Batch {batch_id} cannot be cancelled: contacts of it are in doubt.")
    settled = exists().where(outcomes.c.contact_id == batch_members.c.contact_id)
    connection.execute(
        update(batch_members)
        .where(batch_members.c.batch_id == batch_id, ~settled)
        .values(released=True)
    )


def is_in_doubt(connection: Connection, batch_id: int) -> bool:
    """Say whether contacts of the batch were sent and have no outcome."""
    chunks = batch_chunks
    doubtful = exists().where(
        chunks.c.batch_id == batch_id, chunks.c.state == ChunkState.SENT, unsettled() > 0
    )
    return bool(connection.execute(select(doubtful)).scalar_one())


def unsettled() -> ColumnElement[int]:
    """Return the number of contacts of a chunk without an outcome."""
    chunk = batch_chunks.c
    return chunk.contacts - chunk.accepted - chunk.skipped - chunk.rejected


def _sums(settlement: Settle) -> dict[str, int]:
    return {
        "accepted": len(settlement.accepted),
        "skipped": len(settlement.skipped) + len(settlement.suppressed),
        "rejected": len(settlement.rejected),
    }


def _add_to_chunk(
    connection: Connection, claim: Claim, settlement: Settle, sums: Mapping[str, int]
) -> None:
    state = ChunkState.SETTLED if settlement.settled else None
    given = {
        "of_batch": claim.batch_id,
        "of_chunk": settlement.chunk,
        "new_state": ChunkState.ATTACHED if settlement.attached else state,
    }
    more = {f"more_{name}": count for name, count in sums.items()}
    connection.execute(ADD_TO_CHUNK, given | more)


def _outcome_rows(batch_id: int, settlement: Settle, at: datetime) -> Iterator[_OutcomeRow]:
    accepted, skipped, rejected = map(str, (Outcome.ACCEPTED, Outcome.SKIPPED, Outcome.REJECTED))
    for contact_id, lead_id in settlement.accepted:
        yield contact_id, batch_id, accepted, lead_id, None, at
    for contact_id in settlement.skipped:
        yield contact_id, batch_id, skipped, None, SKIPPED_REASON, at
    for contact_id, reason in settlement.suppressed:
        yield contact_id, batch_id, skipped, None, reason, at
    for contact_id, reason in settlement.rejected:
        yield contact_id, batch_id, rejected, None, reason, at


def _not_attachable(connection: Connection, claim: Claim, contact_id: int, reason: str) -> None:
    changed = connection.execute(
        update(outcomes)
        .where(
            outcomes.c.contact_id == contact_id,
            outcomes.c.batch_id == claim.batch_id,
            outcomes.c.outcome == Outcome.ACCEPTED,
        )
        .values(outcome=Outcome.NOT_ATTACHABLE, reason=reason)
    )
    if changed.rowcount != 1:
        raise DefectError(f"Contact {contact_id} was not accepted, so it cannot be refused later.")


def _unsend(connection: Connection, claim: Claim, chunks: Sequence[int]) -> None:
    if chunks:
        connection.execute(
            update(batch_chunks)
            .where(
                batch_chunks.c.batch_id == claim.batch_id,
                batch_chunks.c.number.in_(chunks),
                batch_chunks.c.state == ChunkState.SENT,
            )
            .values(state=ChunkState.PLANNED)
        )


def _check_finished(connection: Connection, claim: Claim) -> None:
    """Refuse to call a batch uploaded whose leads may be missing in the campaign.

    That every contact has its outcome is checked by the table itself.
    """
    if claim.campaign_id is None:
        return
    open_chunk = exists().where(
        batch_chunks.c.batch_id == claim.batch_id, batch_chunks.c.state != ChunkState.ATTACHED
    )
    if connection.execute(select(open_chunk)).scalar_one():
        raise DefectError(f"Batch {claim.batch_id} is not finished: leads are not attached.")
