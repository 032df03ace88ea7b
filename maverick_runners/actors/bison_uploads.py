"""Queue ``bison_uploads``: batches to Email Bison."""

from __future__ import annotations

import dramatiq
import structlog
from dramatiq.middleware import Interrupt

from maverick_adapters.container import Wired
from maverick_adapters.system import worker_name
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE
from maverick_runners.job_record import ended_as

_log = structlog.get_logger(__name__)


def declare(broker: dramatiq.Broker, wired: Wired) -> dramatiq.Actor[[int], None]:
    """Bind the queue's actors to its broker."""

    @dramatiq.actor(broker=broker, queue_name=UPLOAD_QUEUE, actor_name=UPLOAD_ACTOR)
    def upload_batch(batch_id: int) -> None:
        try:
            ended = wired.upload_batch(batch_id, worker=worker_name())
        except (Exception, Interrupt):  # the soft limit interrupts with what is no Exception
            _log.error(
                "upload broke off; it goes on from the record when its lease has ended",
                batch_id=batch_id,
                lease_seconds=wired.settings.lease_seconds,
            )
            raise  # the broker logs the trace
        ended_as(ended.code or ended.result, ended.detail)
        _log.info(
            "upload ended",
            batch_id=batch_id,
            result=ended.result,
            code=ended.code,
            requests=ended.requests,
        )

    @dramatiq.actor(
        broker=broker,
        queue_name=UPLOAD_QUEUE,
        actor_name="email_bison.generate_and_upload_batches",
    )
    def generate_and_upload_batches(operation_id: int) -> None:
        """Plan what was asked for; its batches are announced, and uploaded like all others."""
        ended_as(wired.run_operation(operation_id, worker=worker_name()))

    return upload_batch
