"""Announcements as relays and the sweeper meet them. No row is waited for: others' are skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, Subquery, or_, select, update

from maverick_adapters.sql.store.announcing import UPLOAD_KEY, announce
from maverick_adapters.sql.store.desk import DeskPart
from maverick_adapters.sql.store.part import AnyRow
from maverick_adapters.sql.tables import contact_batches, jobs, outbox
from maverick_core.jobs.rules import Announcement, JobState

_row = outbox.c


class OutboxPart(DeskPart):
    """Satisfies ``Outbox`` and ``Announcements``."""

    def take_announcements(self, *, limit: int, hold_seconds: float) -> Sequence[Announcement]:
        """Hand out what was not sent; see ``Outbox.take_announcements``."""
        now = self._now()
        free = or_(_row.held_until.is_(None), _row.held_until <= now)
        waiting = (
            select(_row.id, _row.queue, _row.actor, _row.arg)
            .where(_row.sent_at.is_(None), free)
            .order_by(_row.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if not self._any_unsent():
            return []
        with self._database.write() as connection:
            taken = [Announcement(*row) for row in connection.execute(waiting)]
            until = now + timedelta(seconds=hold_seconds)
            self._change(connection, [each.id for each in taken], held_until=until)
        return taken

    def announcements_sent(self, message_ids: Mapping[int, str]) -> None:
        """Mark as sent and put the jobs on record; see ``Outbox.announcements_sent``."""
        now = self._now()
        with self._database.write() as connection:
            rows = connection.execute(
                select(outbox).where(self._dialect.among(_row.id, list(message_ids)))
            )
            queued = [_job(row, message_ids[row.id], now) for row in rows]
            self._change(connection, list(message_ids), held_until=None, sent_at=now)
            if queued:
                connection.execute(self._dialect.insert(jobs).on_conflict_do_nothing(), queued)

    def put_back_announcements(self, ids: Sequence[int]) -> None:
        """Let go of what was taken; see ``Outbox.put_back_announcements``."""
        with self._database.write() as connection:
            self._change(connection, ids, held_until=None)

    def announce_waiting(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits unannounced; see ``Announcements.announce_waiting``."""
        batches = self._unannounced(patience_seconds, limit)
        with self._database.read() as connection:
            found = connection.execute(batches).all()
        if not found:
            return 0
        with self._database.write() as connection:
            ids = self._dialect.among(contact_batches.c.id, [row.id for row in found])
            announce(connection, self._dialect, ids, at=self._now())
            self._announce_again(connection, found)
        return len(found)

    def _unannounced(self, patience_seconds: float, limit: int) -> Select[Any]:
        """Select of the oldest that wait those nobody was told of."""
        key = UPLOAD_KEY.label("dedupe")
        waiting = self._waiting(contact_batches.c.id, key).limit(limit).subquery()
        return self._unheard(waiting, patience_seconds)

    def _unheard(self, waiting: Subquery, patience_seconds: float) -> Select[Any]:
        """Select from what waits (id, dedupe) that whose announcement is absent or long ago."""
        long_ago = self._now() - timedelta(seconds=patience_seconds)
        return (
            select(waiting.c.id, _row.id.label("outbox_id"))
            .join_from(waiting, outbox, _row.dedupe == waiting.c.dedupe, isouter=True)
            .where(or_(_row.id.is_(None), _row.sent_at <= long_ago))
        )

    def _announce_again(self, connection: Connection, found: Sequence[AnyRow]) -> None:
        """Let announcements that were sent long ago be sent once more."""
        self._change(connection, [row.outbox_id for row in found if row.outbox_id], sent_at=None)

    def _any_unsent(self) -> bool:
        """Look without a lock first: a relay asks many times a second, and mostly for nothing."""
        with self._database.read() as connection:
            unsent = select(_row.id).where(_row.sent_at.is_(None)).limit(1)
            return connection.execute(unsent).first() is not None

    def _change(self, connection: Connection, ids: Sequence[int], **values: Any) -> None:
        if ids:
            these = self._dialect.among(_row.id, ids)
            connection.execute(update(outbox).where(these).values(**values))


def _job(row: AnyRow, message_id: str, now: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "queue": row.queue,
        "actor": row.actor,
        "arg": row.arg,
        "state": JobState.QUEUED,
        "queued_at": now,
    }
