"""Middleware that ends processes: one that hangs, and one that has done its share."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import structlog
from dramatiq import Broker, Middleware, Worker
from dramatiq.broker import MessageProxy

from maverick_runners.lifeline import call_supervisor

_log = structlog.get_logger(__name__)


class HardLimit(Middleware):
    """Kills its own process when a task takes longer than the limit.

    The soft limit interrupts Python code only; a thread that is stuck in a system call hears
    nothing. The supervisor starts a fresh process, and the record says what is left to do.
    """

    def __init__(self, seconds: float) -> None:
        """Allow a task ``seconds``."""
        self._seconds = seconds
        self._deadlines: dict[str, float] = {}

    def after_process_boot(self, broker: Broker) -> None:  # noqa: ARG002 - dramatiq's signature
        """Start the watch."""
        threading.Thread(target=self._watch, name="hard-limit", daemon=True).start()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002
        """Set the task's deadline."""
        self._deadlines[message.message_id] = time.monotonic() + self._seconds

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002
        message: MessageProxy,
        *,
        result: Any = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        """Lift the deadline."""
        self._deadlines.pop(message.message_id, None)

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002
        """Lift the deadline."""
        self._deadlines.pop(message.message_id, None)

    def _watch(self) -> None:
        while True:
            time.sleep(min(1.0, self._seconds / 4))
            now = time.monotonic()
            late = [name for name, deadline in self._deadlines.copy().items() if deadline < now]
            if late:
                _log.critical("task over its hard limit, process killed", message_ids=late)
                os.kill(os.getpid(), signal.SIGKILL)


class Recycle(Middleware):
    """Asks for a successor after a number of tasks. Only under a supervisor.

    What leaks a little in every task never becomes much. Work goes on until the successor is there
    as well; then what is under way is finished, and messages that were fetched and not begun go
    back to the queue.
    """

    def __init__(self, tasks: int) -> None:
        """Ask after ``tasks``."""
        self._left = tasks
        self._lock = threading.Lock()

    @property
    def due(self) -> bool:
        """Say whether the share is done."""
        return self._left <= 0

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Let the supervisor know that this process works."""
        call_supervisor()

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002
        message: MessageProxy,  # noqa: ARG002
        *,
        result: Any = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        """Count, and ask for a successor when the share is done."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                call_supervisor()


class Closing(Middleware):
    """Lets go of what a worker process holds, before and after its threads end.

    A process that is asked to stop ends, if need be by force: Dramatiq waits for a broker that
    will not come back before it lets a process go, and where the supervisor is gone too there is
    nobody left to kill it.
    """

    def __init__(self, *, before: Any, after: Any, at_most_seconds: float) -> None:
        """Call ``before`` when the worker is asked to stop and ``after`` when it has.

        The process is gone ``at_most_seconds`` after it was asked.
        """
        self._before = before
        self._after = after
        self._force = threading.Timer(at_most_seconds, self._end)
        self._force.daemon = True

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Ask the tasks under way to finish or hand back."""
        self._force.start()
        self._before()

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Close everything."""
        self._force.cancel()
        self._after()

    def _end(self) -> None:
        _log.error("worker did not end in time, process killed")
        os.kill(os.getpid(), signal.SIGKILL)
