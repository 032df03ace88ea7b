"""The record of what is being sent to people. Every write after the claim proves the fence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)

from maverick_adapters.sql.store.announcing import announce_work, unannounce
from maverick_adapters.sql.store.outbox import OutboxPart
from maverick_adapters.sql.store.part import AnyRow
from maverick_adapters.sql.tables import notifications, workspaces
from maverick_core.kernel.errors import Missing
from maverick_core.notifications.incidents import IncidentKind, tag
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

_row = notifications.c

_KEY: Final[ColumnElement[str]] = (
    literal("notify:", Text) + cast(_row.id, Text) + ":" + cast(_row.fence, Text)
)
"""The key of ``send_work`` in SQL."""

_SHOWN: Final = tuple(
    workspaces.c.slug if name == "slug" else _row[name]
    for name in Notification.__dataclass_fields__
)


class NotificationsPart(OutboxPart):
    """Satisfies ``NotificationRecord``, ``NotificationDesk`` and ``WaitingNotifications``."""

    def claim_notification(
        self, notification_id: int, *, lease_seconds: float
    ) -> NotificationClaim | NotTaken:
        """Take it; see ``NotificationRecord.claim_notification``."""
        now = self._now()
        with self._database.write() as connection:
            found = self._locked_notification(connection, notification_id)
            if found is None:
                return NotTaken("missing")
            if refusal := _refusal(found, now):
                return NotTaken(refusal)
            unannounce(connection, send_work(found.id, found.fence).dedupe)
            if found.claims >= MAX_CLAIMS:
                _exhaust(connection, found, now)
                return NotTaken(EXHAUSTED_CODE)
            connection.execute(
                update(notifications)
                .where(_row.id == found.id)
                .values(
                    state=after(NotificationState(found.state), NotificationEvent.CLAIM),
                    fence=found.fence + 1,
                    claims=found.claims + 1,
                    lease_until=self._dialect.lease_end,
                ),
                {"lease": self._dialect.lease(self._clock, lease_seconds)},
            )
        return NotificationClaim(
            notification_id=found.id,
            fence=found.fence + 1,
            text=found.text,
            tag=tag(found.key, found.created_at),
            posted_at=found.posted_at,
            claims=found.claims + 1,
            limits=found.limits,
        )

    def about_to_post(self, claim: NotificationClaim, *, lease_seconds: float) -> bool:
        """Put the intent on record; see ``NotificationRecord.about_to_post``."""
        intent = (
            update(notifications)
            .where(*_proof(claim))
            .values(
                # The earliest stays: a look has to reach back to the first post.
                posted_at=func.coalesce(_row.posted_at, self._now()),
                lease_until=self._dialect.lease_end,
            )
        )
        with self._database.write() as connection:
            lease = {"lease": self._dialect.lease(self._clock, lease_seconds)}
            return connection.execute(intent, lease).rowcount == 1

    def end_notification(self, claim: NotificationClaim, end: NotificationEnd) -> bool:
        """End the claim; see ``NotificationRecord.end_notification``."""
        now = self._now()
        state = after(NotificationState.SENDING, end.event)
        changes: dict[str, Any] = {"due_at": now + timedelta(seconds=end.after_seconds)}
        if end.event is not NotificationEvent.HAND_BACK:
            changes = {"ended_at": now}
        if end.absent:
            changes["posted_at"] = None
        if end.put_off:
            changes |= {"claims": _row.claims - 1, "limits": _row.limits + 1}
        ended = (
            update(notifications)
            .where(*_proof(claim))
            .values(
                state=state,
                lease_until=None,
                code=end.code,
                detail=end.detail,
                reference=end.reference,
                **changes,
            )
        )
        with self._database.write() as connection:
            return connection.execute(ended).rowcount == 1

    def notifications(
        self, *, state: NotificationState | None = None, limit: int
    ) -> Sequence[Notification]:
        """Return notifications, the last first; see ``NotificationDesk.notifications``."""
        query = (
            select(*_SHOWN)
            .join_from(notifications, workspaces, workspaces.c.id == _row.workspace_id)
            .order_by(_row.id.desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(_row.state == state)
        with self._database.read() as connection:
            return [_notification(row) for row in connection.execute(query)]

    def resend_notification(self, notification_id: int, *, by: str, at: datetime) -> None:
        """Turn it to pending; see ``NotificationDesk.resend_notification``."""
        with self._database.write() as connection:
            found = self._locked_notification(connection, notification_id)
            if found is None:
                raise Missing(
                    f"There is no notification {notification_id}.",
                    code="notification_missing",
                    remedy='See "maverick notifications list".',
                )
            state = NotificationState(found.state)
            if state not in {NotificationState.FAILED, NotificationState.IN_DOUBT}:
                raise not_resent(notification_id, state)
            connection.execute(
                update(notifications)
                .where(_row.id == notification_id)
                .values(
                    state=after(state, NotificationEvent.RESEND),
                    fence=found.fence + 1,
                    claims=0,
                    limits=0,
                    posted_at=None,
                    ended_at=None,
                    due_at=at,
                    code="",
                    detail="",
                    resent_by=by,
                )
            )
            work = send_work(notification_id, found.fence + 1)
            announce_work(connection, self._dialect, work, at=at)

    def waiting_notifications(self, *, limit: int) -> Sequence[int]:
        """Return what waits; see ``WaitingNotifications.waiting_notifications``."""
        with self._database.read() as connection:
            waiting = self._waiting_notifications(_row.id).limit(limit)
            return connection.execute(waiting).scalars().all()

    def announce_notifications(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits; see ``WaitingNotifications.announce_notifications``."""
        columns = (_row.id, _row.fence, _KEY.label("dedupe"))
        waiting = self._waiting_notifications(*columns).limit(limit).subquery()
        unheard = self._unheard(waiting, patience_seconds)
        with self._database.read() as connection:
            found = connection.execute(unheard.add_columns(waiting.c.fence)).all()
        if not found:
            return 0
        with self._database.write() as connection:
            for row in found:
                work = send_work(row.id, row.fence)
                announce_work(connection, self._dialect, work, at=self._now())
            self._announce_again(connection, found)
        return len(found)

    def _waiting_notifications(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select from those that a claim would be given now, or would end, oldest first."""
        expired = _row.lease_until <= self._dialect.now(self._clock)
        due = and_(_row.state == NotificationState.PENDING, _row.due_at <= self._now())
        died = and_(_row.state == NotificationState.SENDING, expired)
        return (
            select(*columns)
            # Said twice, because in these words the partial index knows itself.
            .where(_row.state.in_(WAITING), or_(due, died))
            .order_by(_row.id)
        )

    def _locked_notification(self, connection: Connection, notification_id: int) -> AnyRow | None:
        expired = _row.lease_until <= self._dialect.now(self._clock)
        return connection.execute(
            select(notifications, expired.label("expired"))
            .where(_row.id == notification_id)
            .with_for_update()
        ).one_or_none()


def _refusal(found: AnyRow, now: datetime) -> str | None:
    if found.state not in WAITING:
        return "over"
    if found.state == NotificationState.SENDING and not found.expired:
        return "busy"
    if found.state == NotificationState.PENDING and found.due_at > now:
        return "not_due"
    return None


def _exhaust(connection: Connection, found: AnyRow, now: datetime) -> None:
    event = exhausted(posted=found.posted_at is not None)
    connection.execute(
        update(notifications)
        .where(_row.id == found.id)
        .values(
            state=after(NotificationState(found.state), event),
            lease_until=None,
            ended_at=now,
            code=EXHAUSTED_CODE,
            detail=EXHAUSTED_DETAIL,
        )
    )


def _proof(claim: NotificationClaim) -> tuple[ColumnElement[bool], ...]:
    return (
        _row.id == claim.notification_id,
        _row.fence == claim.fence,
        _row.state == NotificationState.SENDING,
    )


def _notification(row: AnyRow) -> Notification:
    shown = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    shown["kind"] = IncidentKind(shown["kind"])
    shown["state"] = NotificationState(shown["state"])
    return Notification(**shown)
