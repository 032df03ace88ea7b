"""Queue ``batching``: verified contacts into batches."""

from __future__ import annotations

import dramatiq

from maverick_adapters.container import Wired
from maverick_core.kernel.time import Month


def declare(broker: dramatiq.Broker, wired: Wired) -> dramatiq.Actor[[str, str], None]:
    """Bind the queue's actors to its broker."""

    @dramatiq.actor(broker=broker, queue_name="batching", actor_name="batching.create_batches")
    def create_batches(slug: str, month: str) -> None:
        wired.plan_batches(slug, Month.parse(month))

    return create_batches
