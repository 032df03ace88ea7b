"""Put incidents on record in the transaction of the fact, and announce them to who tells people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.announcing import announce_work
from maverick_adapters.sql.tables import contact_batches, notifications, workspaces
from maverick_core.notifications.incidents import FailedBatch, Incident, batch_failed
from maverick_core.notifications.rules import send_work


def report(connection: Connection, dialect: Dialect, incident: Incident, *, at: datetime) -> None:
    """Report an incident; one that was reported before is no news."""
    row = (
        dialect.insert(notifications)
        .values(
            key=incident.key,
            kind=incident.kind,
            workspace_id=incident.workspace_id,
            batch_id=incident.batch_id,
            text=incident.text,
            due_at=at,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(notifications.c.id)
    )
    number = connection.execute(row).scalar_one_or_none()
    if number is not None:
        announce_work(connection, dialect, send_work(number, 0), at=at)


def report_failure(
    connection: Connection, dialect: Dialect, batch_id: int, *, at: datetime
) -> None:
    """Report the failure of a batch, as it stands on record by now."""
    batch = contact_batches.c
    row = connection.execute(
        select(
            batch.id.label("batch_id"),
            batch.fence,
            batch.workspace_id,
            workspaces.c.slug,
            batch.contacts,
            batch.accepted,
            batch.skipped,
            batch.rejected,
            batch.failure_code.label("code"),
            batch.failure_detail.label("detail"),
        )
        .join(workspaces, workspaces.c.id == batch.workspace_id)
        .where(batch.id == batch_id)
    ).one()
    report(connection, dialect, batch_failed(FailedBatch(**row._mapping)), at=at)  # noqa: SLF001 - SQLAlchemy's public name
