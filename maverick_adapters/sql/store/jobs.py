"""The lives of jobs, told by relays and workers, read by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update

from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import jobs, outbox
from maverick_core.jobs.rules import WHY_LOST, Job, JobState, Message

_job = jobs.c
_COLUMNS = tuple(_job[name] for name in Job.__dataclass_fields__)


class JobsPart(Part):
    """Satisfies ``JobLog``."""

    def job_started(self, message: Message, *, worker: str, at: datetime) -> None:
        """Note a start; see ``JobLog.job_started``."""
        started = {"state": JobState.STARTED, "worker": worker, "started_at": at}
        row = self._dialect.insert(jobs).values(
            message_id=message.id,
            queue=message.queue,
            actor=message.actor,
            arg=message.arg,
            queued_at=message.queued_at,
            attempts=1,
            **started,
        )
        again = {**started, "attempts": _job.attempts + 1, "finished_at": None}
        with self._database.write() as connection:
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=["message_id"], set_={**again, "code": "", "detail": ""}
                )
            )

    def job_ended(
        self, message_id: str, state: JobState, *, code: str, detail: str, at: datetime
    ) -> None:
        """Note an end; see ``JobLog.job_ended``."""
        with self._database.write() as connection:
            connection.execute(
                update(jobs)
                .where(_job.message_id == message_id)
                .values(state=state, code=code, detail=detail, finished_at=at)
            )

    def jobs(
        self,
        *,
        state: JobState | None = None,
        queue: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[Job]:
        """Return jobs, the last queued first; see ``JobLog.jobs``."""
        query = select(*_COLUMNS).order_by(_job.queued_at.desc(), _job.message_id).limit(limit)
        if state is not None:
            query = query.where(_job.state == state)
        if queue is not None:
            query = query.where(_job.queue == queue)
        if after is not None:
            at, message_id = after
            tied = and_(_job.queued_at == at, _job.message_id > message_id)
            query = query.where(or_(_job.queued_at < at, tied))
        with self._database.read() as connection:
            rows = connection.execute(query).mappings()
            return [Job(**{**row, "state": JobState(row["state"])}) for row in rows]

    def settle_lost_jobs(self, *, before: Mapping[JobState, datetime], at: datetime) -> int:
        """End what nothing was heard of; see ``JobLog.settle_lost_jobs``."""
        last_heard = func.coalesce(_job.started_at, _job.queued_at)
        with self._database.write() as connection:
            return sum(
                connection.execute(
                    update(jobs)
                    .where(_job.state == state, last_heard < then)
                    .values(state=JobState.FAILED, code=code, detail=words, finished_at=at)
                ).rowcount
                for state, then in before.items()
                for code, words in [WHY_LOST[state]]
            )

    def forget_jobs(self, *, before: datetime) -> int:
        """Delete what ended before; see ``JobLog.forget_jobs``."""
        with self._database.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.sent_at < before))
            return connection.execute(delete(jobs).where(_job.finished_at < before)).rowcount
