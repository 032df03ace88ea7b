"""Everything on record at one moment, for whoever checks the laws of the job against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.targets import read_account
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    contacts,
    monthly_targets,
    outcomes,
)
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.invariants import (
    BatchRow,
    ChunkRow,
    ContactRow,
    MemberRow,
    OutcomeRow,
    Snapshot,
)
from maverick_core.suppression.rules import SUPPRESSED_IN_DOUBT
from maverick_core.targets.rules import TargetAccount

_BATCH_COLUMNS = tuple(BatchRow.__dataclass_fields__)


class BooksPart(Part):
    """Opens the books."""

    def snapshot(self) -> Snapshot:
        """Return all of it as it stands at one moment; holds it all in memory."""
        with self._database.snapshot() as connection:
            return Snapshot(
                contacts=[ContactRow(*row) for row in _rows(connection, *_CONTACT)],
                batches=_batch_rows(connection),
                members=[MemberRow(*row) for row in _member_rows(connection)],
                chunks=[
                    ChunkRow(batch_id, number, ChunkState(state), count)
                    for batch_id, number, state, count in _rows(connection, *_CHUNK)
                ],
                outcomes=[
                    OutcomeRow(
                        contact_id,
                        batch_id,
                        Outcome(outcome),
                        lead_id,
                        may_be_held=reason == SUPPRESSED_IN_DOUBT,
                    )
                    for contact_id, batch_id, outcome, lead_id, reason in _rows(
                        connection, *_OUTCOME
                    )
                ],
                accounts=_accounts(connection),
            )


_CONTACT = (contacts.c.id, contacts.c.workspace_id, contacts.c.email)
_BATCH = tuple(contact_batches.c[name] for name in _BATCH_COLUMNS)
_CHUNK = tuple(batch_chunks.c[name] for name in ("batch_id", "number", "state", "contacts"))
_OUTCOME = tuple(
    outcomes.c[name] for name in ("contact_id", "batch_id", "outcome", "lead_id", "reason")
)


def _rows(connection: Connection, *columns: ColumnElement[Any]) -> list[AnyRow]:
    """Read whole tables in the order of their keys, which come first."""
    return list(connection.execute(select(*columns).order_by(*columns[:2])))


def _batch_rows(connection: Connection) -> list[BatchRow]:
    rows = connection.execute(select(*_BATCH).order_by(contact_batches.c.id)).mappings()
    return [BatchRow(**{**row, "state": BatchState(row["state"])}) for row in rows]


def _member_rows(connection: Connection) -> list[AnyRow]:
    member, batch = batch_members.c, contact_batches.c
    return list(
        connection.execute(
            select(
                member.batch_id,
                member.position,
                member.contact_id,
                member.position // batch.chunk_size,
                member.released,
            )
            .join_from(batch_members, contact_batches, batch.id == member.batch_id)
            .order_by(member.batch_id, member.position)
        )
    )


def _accounts(connection: Connection) -> Mapping[tuple[int, str], TargetAccount]:
    target = monthly_targets.c
    months = select(target.workspace_id, target.month).order_by(target.workspace_id, target.month)
    return {
        (workspace_id, month): read_account(connection, workspace_id, Month.parse(month))
        for workspace_id, month in connection.execute(months)
    }
