"""What Dramatiq's worker processes load: the broker of their queue, with its actors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from maverick_adapters.container import Wired, wire
from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import Settings, load_settings
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_core.notifications.rules import SEND_QUEUE
from maverick_core.pipeline.raw_import.rules import IMPORT_QUEUE
from maverick_core.topology.workers import LOCAL, PRODUCTION, WorkerGroup
from maverick_runners.actors import batching, bison_uploads, notifications, operations, processing
from maverick_runners.brokers import forbid_global_broker, middleware, redis_broker
from maverick_runners.job_record import JobRecord
from maverick_runners.lifeline import die_with_parent
from maverick_runners.limits import Closing, HardLimit, Recycle
from maverick_runners.metrics import metrics

_FORCE_SECONDS: Final = 5.0  # beyond what Dramatiq itself gives the tasks to end

Declare = Callable[[dramatiq.Broker, Wired], object]

ACTORS: Final[Mapping[str, Declare]] = {
    **{queue: operations.declarer(queue) for queue in operations.QUEUES},
    IMPORT_QUEUE: processing.declare,
    batching.QUEUE: batching.declare,
    UPLOAD_QUEUE: bison_uploads.declare,
    SEND_QUEUE: notifications.declare,
}
"""What binds each queue's actors to its broker. Queues that no actor exists for are absent."""


def groups(settings: Settings) -> tuple[WorkerGroup, ...]:
    """Return the worker groups of the set-up that the settings name."""
    return LOCAL if settings.topology == "local" else PRODUCTION


class Brokers:
    """Makes the broker of a queue when Dramatiq asks for it by name, in the worker's process."""

    def __init__(self, change: Callable[[Wired], Wired] | None = None) -> None:
        """Work with what is wired as it is, or as ``change`` returns it."""
        self._change = change

    def __getattr__(self, queue: str) -> RedisBroker:
        if queue not in ACTORS:
            raise AttributeError(queue)
        die_with_parent(os.getppid())
        settings = load_settings()
        configure_logs(level=settings.log_level, form=settings.log_format)
        stack = ExitStack()
        wired = stack.enter_context(wire(settings))
        return worker_broker(self._change(wired) if self._change else wired, queue, stack)


def worker_broker(wired: Wired, queue: str, stack: ExitStack) -> RedisBroker:
    """Return the queue's broker with its actors; ``stack`` is closed when the worker has ended."""
    settings = wired.settings
    group = next(group for group in groups(settings) if queue in group.queues)
    recycle = Recycle(group.tasks_per_child)

    def hand_back() -> None:
        if not recycle.due:
            wired.airfield.stop()

    forbid_global_broker()
    broker = redis_broker(
        settings,
        queue,
        [
            JobRecord(wired.store, wired.clock),
            *middleware(settings.soft_limit_seconds),
            HardLimit(settings.hard_limit_seconds),
            recycle,
            Closing(
                before=hand_back,
                after=stack.close,
                at_most_seconds=settings.stop_seconds + _FORCE_SECONDS,
            ),
            *([metrics()] if settings.metrics_port else []),
        ],
    )
    ACTORS[queue](broker, wired)
    return broker


brokers: Final = Brokers()
