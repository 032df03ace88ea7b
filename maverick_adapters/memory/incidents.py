"""Incidents, put on record with the fact, in memory."""

from __future__ import annotations

from datetime import datetime

from maverick_adapters.memory.tables import BatchRecord, NotificationRow, Tables
from maverick_core.notifications.incidents import (
    FailedBatch,
    Incident,
    batch_failed,
    token_good_again,
    token_refused,
)
from maverick_core.notifications.rules import send_work
from maverick_core.workspaces.rules import Hold


def report(tables: Tables, incident: Incident, at: datetime) -> None:
    """Report an incident; one that was reported before is no news."""
    if any(row.incident.key == incident.key for row in tables.notifications.values()):
        return
    number = len(tables.notifications) + 1
    row = NotificationRow(number, incident, created_at=at, due_at=at)
    tables.notifications[number] = row
    tables.announce_work(send_work(number, row.fence), since=at)


def report_failure(tables: Tables, batch: BatchRecord, at: datetime) -> None:
    """Report the failure of a batch."""
    failed = FailedBatch(
        batch_id=batch.id,
        fence=batch.fence,
        workspace_id=batch.workspace_id,
        slug=tables.workspaces[batch.workspace_id].slug,
        contacts=len(batch.members),
        accepted=batch.accepted,
        skipped=batch.skipped,
        rejected=batch.rejected,
        code=batch.failure_code,
        detail=batch.failure_detail,
    )
    report(tables, batch_failed(failed), at)


def refuse_token(
    tables: Tables, workspace_id: int, set_at: datetime, at: datetime, batch_id: int | None = None
) -> None:
    """Put the workspace on hold and report it, unless it has another token by now."""
    if tables.token_set_at(workspace_id) != set_at:
        return
    tables.refuse_token(workspace_id, set_at, at)
    slug = tables.workspaces[workspace_id].slug
    report(tables, token_refused(workspace_id, slug, set_at=set_at, batch_id=batch_id), at)


def report_good_token(tables: Tables, workspace_id: int, at: datetime) -> None:
    """Report that a refused token is about to be replaced by a good one, if one was refused."""
    workspace, token = tables.workspaces[workspace_id], tables.tokens.get(workspace_id)
    if workspace.hold is Hold.TOKEN_REFUSED and token:
        good = token_good_again(workspace_id, workspace.slug, refused_set_at=token.set_at)
        report(tables, good, at)
