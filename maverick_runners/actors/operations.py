"""Operations: what people ask for, done by workers of the queue that each kind goes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import dramatiq
import structlog

from maverick_adapters.container import Wired
from maverick_adapters.system import worker_name
from maverick_core.operations.rules import ACTORS
from maverick_core.topology.routes import queue_of
from maverick_runners.job_record import ended_as

QUEUES: Final = tuple(dict.fromkeys(queue_of(actor) for actor in ACTORS.values()))
"""The queues that operations go to."""

_log = structlog.get_logger(__name__)


def declare(broker: dramatiq.Broker, wired: Wired, queue: str) -> None:
    """Bind the actors of the kinds that go to ``queue`` to its broker."""

    def run(operation_id: int) -> None:
        code = wired.run_operation(operation_id, worker=worker_name())
        ended_as(code)
        _log.info("operation ended", operation_id=operation_id, code=code)

    for name in ACTORS.values():
        if queue_of(name) == queue:
            dramatiq.actor(broker=broker, queue_name=queue, actor_name=name)(run)


def declarer(queue: str) -> Callable[[dramatiq.Broker, Wired], None]:
    """Return what binds the queue's actors, for a queue that has no others."""
    return lambda broker, wired: declare(broker, wired, queue)
