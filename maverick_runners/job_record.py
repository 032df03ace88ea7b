"""Middleware that keeps the life of each job in the database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, Final

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from maverick_adapters.system import worker_name
from maverick_core.jobs.ports import JobLog
from maverick_core.jobs.rules import JobState, Message
from maverick_core.kernel.errors import MaverickError
from maverick_core.kernel.time import Clock

_end: Final = threading.local()


def ended_as(code: str, detail: str = "") -> None:
    """Say, from inside an actor, how its job ends; the middleware puts it on record."""
    _end.words = code, detail


class JobRecord(Middleware):
    """Puts start and end of every message on record, so that "why" never depends on Redis.

    A record that cannot be written is logged by Dramatiq, and the work goes on without it.
    """

    def __init__(self, log: JobLog, clock: Clock) -> None:
        """Write to ``log``."""
        self._log = log
        self._clock = clock

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002 - dramatiq's signature
        """Note the start."""
        _end.words = "", ""
        first = message.args[0] if message.args else None
        told = Message(
            id=message.message_id,
            queue=message.queue_name,
            actor=message.actor_name,
            arg=first if isinstance(first, int) else None,
            queued_at=datetime.fromtimestamp(message.message_timestamp / 1_000, UTC),
        )
        self._log.job_started(told, worker=worker_name(), at=self._clock.now())

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002
        message: MessageProxy,
        *,
        result: Any = None,  # noqa: ARG002
        exception: BaseException | None = None,
    ) -> None:
        """Note the end. What an unknown error says is not kept: it may quote somebody's data."""
        state = JobState.FAILED if exception else JobState.FINISHED
        code, detail = _end.words
        if isinstance(exception, MaverickError):
            code, detail = exception.code, str(exception)
        elif exception:
            code, detail = type(exception).__name__, ""
        self._log.job_ended(
            message.message_id, state, code=code, detail=detail, at=self._clock.now()
        )
