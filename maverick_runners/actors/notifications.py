"""Queue ``notifications``: people are told of incidents."""

from __future__ import annotations

import dramatiq
import structlog

from maverick_adapters.container import Wired
from maverick_core.notifications.rules import SEND_ACTOR, SEND_QUEUE
from maverick_runners.job_record import ended_as

_log = structlog.get_logger(__name__)


def declare(broker: dramatiq.Broker, wired: Wired) -> dramatiq.Actor[[int], None]:
    """Bind the queue's actors to its broker."""

    @dramatiq.actor(broker=broker, queue_name=SEND_QUEUE, actor_name=SEND_ACTOR)
    def send(notification_id: int) -> None:
        sent = wired.send_notification(notification_id)
        ended_as(sent.code or sent.result, sent.detail)
        _log.info(
            "notification ended",
            notification_id=notification_id,
            result=sent.result,
            code=sent.code,
        )

    return send
