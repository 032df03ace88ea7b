"""What workers were told, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from maverick_core.access.rules import Scope
from maverick_core.jobs.ports import JobLog
from maverick_core.jobs.rules import Job, JobState
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import Page, PageQuery

_CURSOR: Final = Cursor("jobs", tuple[datetime, str])


class JobsQuery(PageQuery):
    """Which jobs."""

    state: JobState | None = None
    queue: Annotated[str | None, Field(max_length=64)] = None


@dataclass(frozen=True, slots=True)
class JobsResource:
    """Jobs: list."""

    log: JobLog

    @route(
        "GET",
        "/jobs",
        scope=Scope.OPERATIONS_READ,
        takes=JobsQuery,
        answers=Page[Job],
        everywhere=True,
    )
    def list(self, call: Call[JobsQuery]) -> Reply:
        """List jobs, the last queued first: when each was queued and started, how it ended."""
        given = call.given
        found = self.log.jobs(
            state=given.state,
            queue=given.queue,
            after=_CURSOR.read(given.cursor),
            limit=given.limit + 1,
        )
        return Reply(page(found, given.limit, show=lambda job: job, cursor=_cursor))


def _cursor(last: Job) -> str:
    return _CURSOR.write((last.queued_at, last.message_id))
