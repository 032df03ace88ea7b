"""Announcements and the lives of jobs, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from maverick_adapters.memory.tables import AnnouncementRecord, BatchRecord, Tables, Transactions
from maverick_adapters.memory.uploads import why_not_claimable
from maverick_core.jobs.rules import (
    WHY_LOST,
    Announcement,
    Job,
    JobState,
    Message,
    upload_key,
)


class MemoryJobs(Transactions):
    """Satisfies ``Outbox``, ``Announcements`` and ``JobLog``."""

    def take_announcements(self, *, limit: int, hold_seconds: float) -> Sequence[Announcement]:
        """Hand out what was not sent and nobody holds."""
        now = self._clock.now()
        with self._transaction() as tables:
            free = (row for row in tables.outbox.values() if _is_free(row, now))
            taken = [row.announcement for row in islice(free, limit)]
            until = now + timedelta(seconds=hold_seconds)
            _change(tables, [each.id for each in taken], held_until=until)
        return taken

    def announcements_sent(self, message_ids: Mapping[int, str]) -> None:
        """Mark as sent and queue the jobs."""
        now = self._clock.now()
        with self._transaction() as tables:
            for announcement in _change(tables, list(message_ids), held_until=None, sent_at=now):
                message_id = message_ids[announcement.id]
                tables.jobs.setdefault(message_id, _queued(announcement, message_id, now))

    def put_back_announcements(self, ids: Sequence[int]) -> None:
        """Let go of what was taken."""
        with self._transaction() as tables:
            _change(tables, ids, held_until=None)

    def announce_waiting(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits unannounced, or was announced long ago."""
        now = self._clock.now()
        long_ago = now - timedelta(seconds=patience_seconds)
        with self._transaction() as tables:
            return sum(
                tables.announce(batch)
                or announce_again(tables, upload_key(batch.id, batch.fence), long_ago)
                for batch in list(islice(_waiting(tables, now), limit))
            )

    def job_started(self, message: Message, *, worker: str, at: datetime) -> None:
        """Note a start."""
        with self._transaction() as tables:
            before = tables.jobs.get(message.id)
            tables.jobs[message.id] = Job(
                message_id=message.id,
                queue=message.queue,
                actor=message.actor,
                arg=message.arg,
                state=JobState.STARTED,
                worker=worker,
                attempts=before.attempts + 1 if before else 1,
                queued_at=before.queued_at if before else message.queued_at,
                started_at=at,
                finished_at=None,
                code="",
                detail="",
            )

    def job_ended(
        self, message_id: str, state: JobState, *, code: str, detail: str, at: datetime
    ) -> None:
        """Note an end."""
        with self._transaction() as tables:
            if job := tables.jobs.get(message_id):
                ended = replace(job, state=state, code=code, detail=detail, finished_at=at)
                tables.jobs[message_id] = ended

    def jobs(
        self,
        *,
        state: JobState | None = None,
        queue: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[Job]:
        """Return jobs, the last queued first."""
        found = [
            job
            for job in self._tables.jobs.values()
            if state in {None, job.state}
            and queue in {None, job.queue}
            and (after is None or _comes_after(job, *after))
        ]
        found.sort(key=lambda job: job.message_id)
        return sorted(found, key=lambda job: job.queued_at, reverse=True)[:limit]

    def settle_lost_jobs(self, *, before: Mapping[JobState, datetime], at: datetime) -> int:
        """End what nothing was heard of."""
        with self._transaction() as tables:
            lost = [
                job
                for job in tables.jobs.values()
                if job.state in before and (job.started_at or job.queued_at) < before[job.state]
            ]
            for job in lost:
                code, words = WHY_LOST[job.state]
                tables.jobs[job.message_id] = replace(
                    job, state=JobState.FAILED, code=code, detail=words, finished_at=at
                )
        return len(lost)

    def forget_jobs(self, *, before: datetime) -> int:
        """Delete what ended, or was sent, before."""
        with self._transaction() as tables:
            for key, row in list(tables.outbox.items()):
                if row.sent_at and row.sent_at < before:
                    del tables.outbox[key]
            old = [
                job.message_id
                for job in tables.jobs.values()
                if job.finished_at and job.finished_at < before
            ]
            for message_id in old:
                del tables.jobs[message_id]
        return len(old)


def _comes_after(job: Job, at: datetime, message_id: str) -> bool:
    return job.queued_at < at or (job.queued_at == at and job.message_id > message_id)


def _is_free(row: AnnouncementRecord, now: datetime) -> bool:
    return row.sent_at is None and (row.held_until is None or row.held_until <= now)


def _change(tables: Tables, ids: Sequence[int], **values: Any) -> Iterator[Announcement]:
    """Change the announcements that are still there."""
    changed = [key for key, row in tables.outbox.items() if row.announcement.id in ids]
    for key in changed:
        tables.outbox[key] = replace(tables.outbox[key], **values)
    return (tables.outbox[key].announcement for key in changed)


def _waiting(tables: Tables, now: datetime) -> Iterator[BatchRecord]:
    return (batch for batch in tables.batches.values() if not why_not_claimable(tables, batch, now))


def announce_again(tables: Tables, key: str, long_ago: datetime) -> bool:
    """Let an announcement that was sent long ago be sent once more; say whether it is."""
    row = tables.outbox[key]
    if row.sent_at is None or row.sent_at > long_ago:
        return False
    tables.outbox[key] = replace(row, sent_at=None)
    return True


def _queued(announcement: Announcement, message_id: str, now: datetime) -> Job:
    return Job(
        message_id=message_id,
        queue=announcement.queue,
        actor=announcement.actor,
        arg=announcement.arg,
        state=JobState.QUEUED,
        worker=None,
        attempts=0,
        queued_at=now,
        started_at=None,
        finished_at=None,
        code="",
        detail="",
    )
