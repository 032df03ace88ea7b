"""What an announcement says, and the states of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from maverick_core.topology.routes import queue_of

UPLOAD_ACTOR: Final = "email_bison.upload_batch"
UPLOAD_QUEUE: Final = queue_of(UPLOAD_ACTOR)
KEPT: Final = timedelta(days=30)
"""How long an ended job stays on record."""


def upload_key(batch_id: int, fence: int) -> str:
    """Return what makes the announcement of one upload of a batch unique.

    Every claim and every re-queue moves the fence, so that what comes after it is news.
    """
    return f"upload:{batch_id}:{fence}"


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work as whoever makes it announces it; two with one ``dedupe`` are one."""

    queue: str
    actor: str
    arg: int
    dedupe: str


def upload_work(batch_id: int, fence: int) -> Work:
    """Return the next upload of a batch."""
    return Work(UPLOAD_QUEUE, UPLOAD_ACTOR, batch_id, upload_key(batch_id, fence))


@dataclass(frozen=True, slots=True)
class Announcement:
    """A piece of work that somebody is to be told of: an actor, its queue and one id."""

    id: int
    queue: str
    actor: str
    arg: int


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    """Its message was given to the broker."""
    STARTED = "started"
    """A worker has it, or had it and died."""
    FINISHED = "finished"
    """The actor came to its end; the code says which."""
    FAILED = "failed"
    """The actor did not come to an end; the code names the error, or says that it was lost."""


LOST_AFTER: Final[Mapping[JobState, timedelta]] = {
    JobState.QUEUED: timedelta(days=7),
    JobState.STARTED: timedelta(days=1),
}
"""How long nothing is heard of a job that is given up, by how far it had come.

A message may wait for days behind others, or for workers of its queue; no worker takes a day.
"""
_TOLD_AGAIN: Final = "What it was about is told again as long as it waits: nothing is lost with it."
WHY_LOST: Final[Mapping[JobState, tuple[str, str]]] = {
    JobState.QUEUED: (
        "message_lost",
        f"No worker began it within a week: gone, or far back in its queue. {_TOLD_AGAIN}",
    ),
    JobState.STARTED: (
        "worker_lost",
        f"Its worker came to no end within a day, and no other was given it. {_TOLD_AGAIN}",
    ),
}
"""The code and the words of what is given up, by how far it had come."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the broker carries it, named by the id that it keeps when it comes again."""

    id: str
    queue: str
    actor: str
    arg: int | None
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """One message's life. ``attempts`` is how often it was started; above 1, a worker died.

    ``code`` and ``detail`` say how it ended, so that nobody has to ask the broker why.
    """

    message_id: str
    queue: str
    actor: str
    arg: int | None
    state: JobState
    worker: str | None
    attempts: int
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    code: str
    detail: str
