"""The record of what is being sent to people, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from maverick_adapters.memory.jobs import announce_again
from maverick_adapters.memory.tables import NotificationRow, Tables, Transactions
from maverick_core.kernel.errors import Missing
from maverick_core.notifications.incidents import tag
from maverick_core.notifications.ports import NotificationClaim, NotificationEnd, NotTaken
from maverick_core.notifications.rules import (
    EXHAUSTED_CODE,
    EXHAUSTED_DETAIL,
    MAX_CLAIMS,
    WAITING,
    Notification,
    NotificationEvent,
    NotificationState,
    after,
    exhausted,
    not_resent,
    send_work,
)


class MemoryNotifications(Transactions):
    """Satisfies ``NotificationRecord``, ``NotificationDesk`` and ``WaitingNotifications``."""

    def claim_notification(
        self, notification_id: int, *, lease_seconds: float
    ) -> NotificationClaim | NotTaken:
        """Take it, or say why not."""
        now = self._clock.now()
        with self._transaction() as tables:
            row = tables.notifications.get(notification_id)
            if row is None:
                return NotTaken("missing")
            if code := _why_not(row, now):
                return NotTaken(code)
            tables.outbox.pop(send_work(row.id, row.fence).dedupe, None)
            if row.claims >= MAX_CLAIMS:
                tables.notifications[row.id] = _exhausted(row, now)
                return NotTaken(EXHAUSTED_CODE)
            row = replace(
                row,
                state=after(row.state, NotificationEvent.CLAIM),
                fence=row.fence + 1,
                claims=row.claims + 1,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
            tables.notifications[row.id] = row
        return _claim(row)

    def about_to_post(self, claim: NotificationClaim, *, lease_seconds: float) -> bool:
        """Put the intent on record."""
        now = self._clock.now()
        with self._held(claim) as (tables, row):
            if row:
                tables.notifications[row.id] = replace(
                    row,
                    posted_at=row.posted_at or now,
                    lease_until=now + timedelta(seconds=lease_seconds),
                )
        return row is not None

    def end_notification(self, claim: NotificationClaim, end: NotificationEnd) -> bool:
        """End the claim."""
        with self._held(claim) as (tables, row):
            if row:
                tables.notifications[row.id] = _ended(row, end, self._clock.now())
        return row is not None

    def notifications(
        self, *, state: NotificationState | None = None, limit: int
    ) -> Sequence[Notification]:
        """Return notifications, the last first."""
        tables = self._tables
        rows = (r for r in reversed(tables.notifications.values()) if state in {None, r.state})
        return [_shown(tables, row) for row in islice(rows, limit)]

    def resend_notification(self, notification_id: int, *, by: str, at: datetime) -> None:
        """Turn it to pending."""
        with self._transaction() as tables:
            row = tables.notifications.get(notification_id)
            if row is None:
                raise Missing(
                    f"There is no notification {notification_id}.", code="notification_missing"
                )
            if row.state not in {NotificationState.FAILED, NotificationState.IN_DOUBT}:
                raise not_resent(notification_id, row.state)
            again = NotificationRow(
                row.id,
                row.incident,
                created_at=row.created_at,
                due_at=at,
                fence=row.fence + 1,
                resent_by=by,
            )
            tables.notifications[row.id] = again
            tables.announce_work(send_work(row.id, again.fence), since=at)

    def waiting_notifications(self, *, limit: int) -> Sequence[int]:
        """Return what waits."""
        waiting = _waiting(self._tables, self._clock.now())
        return [row.id for row in islice(waiting, limit)]

    def announce_notifications(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits unannounced, or was announced long ago."""
        now = self._clock.now()
        long_ago = now - timedelta(seconds=patience_seconds)
        with self._transaction() as tables:
            works = [send_work(r.id, r.fence) for r in islice(_waiting(tables, now), limit)]
            return sum(
                tables.announce_work(work, since=now)
                or announce_again(tables, work.dedupe, long_ago)
                for work in works
            )

    @contextmanager
    def _held(self, claim: NotificationClaim) -> Iterator[tuple[Tables, NotificationRow | None]]:
        """Write to a notification that this claim still holds; None where it does not."""
        with self._transaction() as tables:
            row = tables.notifications[claim.notification_id]
            held = row.fence == claim.fence and row.state is NotificationState.SENDING
            yield tables, row if held else None


def _why_not(row: NotificationRow, now: datetime) -> str:
    if row.state not in WAITING:
        return "over"
    if row.lease_until is not None and now < row.lease_until:
        return "busy"
    if row.state is NotificationState.PENDING and row.due_at > now:
        return "not_due"
    return ""


def _waiting(tables: Tables, now: datetime) -> Iterator[NotificationRow]:
    return (row for row in tables.notifications.values() if not _why_not(row, now))


def _claim(row: NotificationRow) -> NotificationClaim:
    return NotificationClaim(
        notification_id=row.id,
        fence=row.fence,
        text=row.incident.text,
        tag=tag(row.incident.key, row.created_at),
        posted_at=row.posted_at,
        claims=row.claims,
        limits=row.limits,
    )


def _exhausted(row: NotificationRow, now: datetime) -> NotificationRow:
    return replace(
        row,
        state=after(row.state, exhausted(posted=row.posted_at is not None)),
        lease_until=None,
        ended_at=now,
        code=EXHAUSTED_CODE,
        detail=EXHAUSTED_DETAIL,
    )


def _ended(row: NotificationRow, end: NotificationEnd, now: datetime) -> NotificationRow:
    again = end.event is NotificationEvent.HAND_BACK
    return replace(
        row,
        state=after(row.state, end.event),
        claims=row.claims - end.put_off,
        limits=row.limits + end.put_off,
        lease_until=None,
        due_at=now + timedelta(seconds=end.after_seconds) if again else row.due_at,
        posted_at=None if end.absent else row.posted_at,
        ended_at=None if again else now,
        reference=end.reference,
        code=end.code,
        detail=end.detail,
    )


def _shown(tables: Tables, row: NotificationRow) -> Notification:
    return Notification(
        id=row.id,
        kind=row.incident.kind,
        slug=tables.workspaces[row.incident.workspace_id].slug,
        batch_id=row.incident.batch_id,
        text=row.incident.text,
        state=row.state,
        claims=row.claims,
        created_at=row.created_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        code=row.code,
        detail=row.detail,
        resent_by=row.resent_by,
    )
