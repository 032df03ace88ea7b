"""What the life of jobs needs from outside: the outbox, the log, the queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from maverick_core.jobs.rules import Announcement, Job, JobState, Message


class Outbox(Protocol):
    """Announcements, written in the transaction of what they announce. Each call is one too.

    Planning, re-queueing and a wish to cancel that waits for a worker announce the batch; a claim
    takes its announcement away again.
    """

    def take_announcements(self, *, limit: int, hold_seconds: float) -> Sequence[Announcement]:
        """Return what was not sent, oldest first, and keep other relays off it for a while.

        What is neither marked nor put back within ``hold_seconds`` is handed out again.
        """
        ...

    def announcements_sent(self, message_ids: Mapping[int, str]) -> None:
        """Mark announcements as sent, each with its message's id; their jobs are queued."""
        ...

    def put_back_announcements(self, ids: Sequence[int]) -> None:
        """Hand out again at once what was taken."""
        ...


class JobLog(Protocol):
    """The lives of jobs. Each call is one transaction."""

    def job_started(self, message: Message, *, worker: str, at: datetime) -> None:
        """Note that ``worker`` begins; the message need not have been heard of before."""
        ...

    def job_ended(
        self, message_id: str, state: JobState, *, code: str, detail: str, at: datetime
    ) -> None:
        """Note the end of a job that was started; unknown ones are ignored."""
        ...

    def jobs(
        self,
        *,
        state: JobState | None = None,
        queue: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[Job]:
        """Return the jobs that match, the last queued first.

        ``after`` is where to go on: when the last one seen was queued, and its message's id.
        """
        ...

    def settle_lost_jobs(self, *, before: Mapping[JobState, datetime], at: datetime) -> int:
        """Let fail what was queued and never begun, or begun and never ended, each before its time.

        The code and the words are those of ``WHY_LOST``. A message that comes after all is started
        like any other. Return how many jobs that were.
        """
        ...

    def forget_jobs(self, *, before: datetime) -> int:
        """Delete jobs that ended, and announcements sent, before then; return how many jobs."""
        ...


class Queues(Protocol):
    """The brokers' side."""

    def enqueue(self, announcement: Announcement) -> str:
        """Put a message with the id, and nothing else, on the queue; return the message's id.

        Raises:
            Unavailable: the broker cannot be reached; the message may have been stored even so.

        """
        ...
