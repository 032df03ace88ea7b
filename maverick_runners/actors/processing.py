"""Queue ``csv_processing``: files become raw contacts."""

from __future__ import annotations

import dramatiq
import structlog

from maverick_adapters.container import Wired
from maverick_adapters.system import worker_name
from maverick_core.pipeline.raw_import.rules import IMPORT_ACTOR, IMPORT_QUEUE
from maverick_runners.job_record import ended_as

_log = structlog.get_logger(__name__)


def declare(broker: dramatiq.Broker, wired: Wired) -> dramatiq.Actor[[int], None]:
    """Bind the queue's actors to its broker."""

    @dramatiq.actor(broker=broker, queue_name=IMPORT_QUEUE, actor_name=IMPORT_ACTOR)
    def import_file(import_id: int) -> None:
        flights = wired.airfield.flights()
        code = wired.run_import(import_id, worker=worker_name(), stopping=flights.stopping)
        ended_as(code)
        _log.info("import ended", import_id=import_id, code=code)

    return import_file
