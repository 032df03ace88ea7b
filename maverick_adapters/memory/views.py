"""What people and auditors read, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from maverick_adapters.memory.tables import BatchRecord, Tables, Transactions
from maverick_adapters.memory.targets import account
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import NOT_TAKEN, ContactState, Outcome
from maverick_core.pipeline.invariants import (
    BatchRow,
    ChunkRow,
    ContactRow,
    MemberRow,
    OutcomeRow,
    Snapshot,
)
from maverick_core.pipeline.views import (
    AttemptView,
    BatchView,
    DecisionView,
    MemberView,
    ReasonCount,
    Trace,
    TraceStep,
    by_frequency,
    no_contact,
)
from maverick_core.suppression.rules import SUPPRESSED_IN_DOUBT

_STATE = {
    Outcome.ACCEPTED: ContactState.UPLOADED,
    Outcome.SKIPPED: ContactState.SKIPPED,
    Outcome.REJECTED: ContactState.REJECTED,
    Outcome.NOT_ATTACHABLE: ContactState.NOT_ATTACHABLE,
}


class MemoryViews(Transactions):
    """Satisfies ``BatchViews`` and ``Books``."""

    def batch(self, batch_id: int) -> BatchView:
        """Return one batch."""
        tables = self._tables
        return batch_view(tables, tables.batch_row(batch_id))

    def history(self, batch_id: int) -> tuple[Sequence[AttemptView], Sequence[DecisionView]]:
        """Return claims and decisions."""
        batch = self._tables.batch_row(batch_id)
        return batch.attempts, batch.decisions

    def members(
        self,
        batch_id: int,
        *,
        states: AbstractSet[ContactState] = frozenset(),
        after: int = -1,
        limit: int | None = None,
    ) -> Iterator[MemberView]:
        """Return the members as they stand when the reading begins."""
        tables = self._tables
        members = _member_views(tables, tables.batch_row(batch_id))
        return islice(
            (
                each
                for each in members
                if each.position > after and (not states or each.state in states)
            ),
            limit,
        )

    def reasons(self, batch_id: int) -> Sequence[ReasonCount]:
        """Count by state and reason."""
        found = Counter(
            (each.state, each.reason) for each in self.members(batch_id) if each.state in NOT_TAKEN
        )
        counts = [ReasonCount(state, reason, many) for (state, reason), many in found.items()]
        return sorted(counts, key=by_frequency)

    def trace(self, workspace_id: int, email: str) -> Trace:
        """Return the way of a contact."""
        tables = self._tables
        contact_id = tables.ids_by_email.get((workspace_id, email))
        if contact_id is None:
            raise no_contact()
        state, batch_id = ContactState.VERIFIED, tables.places.get(contact_id)
        if batch_id is not None:
            batch = tables.batches[batch_id]
            state = contact_state(tables, batch, batch.members.index(contact_id), contact_id)
        steps = tuple(_steps(tables, contact_id))
        return Trace(contact_id, email, state, batch_id, steps)

    def snapshot(self) -> Snapshot:
        """Return everything, in order of id."""
        tables = self._tables
        batches = tables.batches.values()
        return Snapshot(
            contacts=[
                ContactRow(row.id, row.workspace_id, row.contact.email)
                for row in tables.contacts.values()
            ],
            batches=[_batch_row(batch) for batch in batches],
            members=[row for batch in batches for row in _member_rows(tables, batch)],
            chunks=[
                ChunkRow(batch.id, number, state, len(batch.chunk_members(number)))
                for batch in batches
                for number, state in enumerate(batch.chunks)
            ],
            outcomes=[
                OutcomeRow(
                    contact,
                    row.batch_id,
                    row.outcome,
                    row.lead_id,
                    may_be_held=row.reason == SUPPRESSED_IN_DOUBT,
                )
                for contact, row in sorted(tables.outcomes.items())
            ],
            accounts={key: account(tables, *key) for key in sorted(tables.targets)},
        )


def batch_view(tables: Tables, batch: BatchRecord) -> BatchView:
    """Return the batch as people see it."""
    workspace = tables.workspaces[batch.workspace_id]
    claimed = batch.state is BatchState.UPLOADING
    return BatchView(
        id=batch.id,
        slug=workspace.slug,
        month=batch.month,
        state=batch.state,
        contacts=len(batch.members),
        accepted=batch.accepted,
        skipped=batch.skipped,
        rejected=batch.rejected,
        not_attachable=batch.not_attachable,
        fence=batch.fence,
        claims=batch.claims,
        worker=batch.attempts[-1].worker if claimed else None,
        lease_until=batch.lease_until if claimed else None,
        failure_code=batch.failure_code,
        failure_detail=batch.failure_detail,
        cancel_requested=batch.cancel_requested,
        hold=workspace.hold,
        created_at=batch.created_at,
        updated_at=batch.updated_at,
    )


def contact_state(
    tables: Tables, batch: BatchRecord, position: int, contact_id: int
) -> ContactState:
    """Return where the contact is as far as this batch knows; it may be in another one by now."""
    row = tables.outcomes.get(contact_id)
    if row and row.batch_id == batch.id:
        return _STATE[row.outcome]
    if _released(tables, batch, contact_id):
        return ContactState.VERIFIED
    sent = batch.chunks[position // batch.chunk_size] is ChunkState.SENT
    return ContactState.IN_DOUBT if sent else ContactState.BATCHED


def _released(tables: Tables, batch: BatchRecord, contact_id: int) -> bool:
    return tables.places.get(contact_id) != batch.id


def _member_views(tables: Tables, batch: BatchRecord) -> Iterator[MemberView]:
    for position, contact_id in enumerate(batch.members):
        yield _member(tables, batch, position, contact_id)


def _member(tables: Tables, batch: BatchRecord, position: int, contact_id: int) -> MemberView:
    row = tables.outcomes.get(contact_id)
    here = row if row and row.batch_id == batch.id else None
    return MemberView(
        position=position,
        contact_id=contact_id,
        email=tables.contacts[contact_id].contact.email,
        state=contact_state(tables, batch, position, contact_id),
        lead_id=here.lead_id if here else None,
        reason=here.reason if here else "",
    )


def _steps(tables: Tables, contact_id: int) -> Iterator[TraceStep]:
    contact = tables.contacts[contact_id]
    source = tables.imports[contact.import_id]
    yield TraceStep(contact.added_at, "imported", source.file_name)
    for batch in tables.batches.values():
        if contact_id in batch.members:
            name = batch_name(batch.id)
            yield TraceStep(batch.created_at, "batched", f"{name} for {batch.month}")
            if _released(tables, batch, contact_id):
                yield TraceStep(batch.updated_at, "released", f"{name} was cancelled")
    if row := tables.outcomes.get(contact_id):
        yield TraceStep(row.at, row.outcome, row.reason)


def _batch_row(batch: BatchRecord) -> BatchRow:
    return BatchRow(
        id=batch.id,
        workspace_id=batch.workspace_id,
        month=batch.month,
        state=batch.state,
        campaign_id=batch.campaign_id,
        contacts=len(batch.members),
        accepted=batch.accepted,
        skipped=batch.skipped,
        rejected=batch.rejected,
        not_attachable=batch.not_attachable,
        fence=batch.fence,
        claims=batch.claims,
        failure_code=batch.failure_code,
        cancel_requested=batch.cancel_requested,
    )


def _member_rows(tables: Tables, batch: BatchRecord) -> Iterator[MemberRow]:
    for position, contact_id in enumerate(batch.members):
        chunk = position // batch.chunk_size
        released = _released(tables, batch, contact_id)
        yield MemberRow(batch.id, position, contact_id, chunk, released)
