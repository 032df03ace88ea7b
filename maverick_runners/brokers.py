"""One Dramatiq broker for each queue, with its middleware spelt out.

Callbacks, pipelines, groups and results are left out on purpose: stages meet in tables, and a
message carries ids only. A message is never tried again by the broker (``max_retries=0``): what was
not finished is found again in the database by its lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit

QUEUES: Final = ("batching", "bison_uploads")
SOFT_LIMIT_MS: Final = 21_600_000  # the seeds' task_soft_time_limit, 6 hours


class GlobalBrokerForbidden(RuntimeError):
    """An actor was declared without its queue's broker; name the broker where it is declared."""


class ForbiddenBroker(dramatiq.Broker):
    """Stands in for the global broker, so that a forgotten ``broker=`` fails at once."""

    def declare_actor(self, actor: dramatiq.Actor[..., object]) -> None:
        """Refuse."""
        raise GlobalBrokerForbidden(f"{actor.actor_name} was declared without a broker.")


def forbid_global_broker() -> None:
    """Make every use of Dramatiq's global broker an error."""
    dramatiq.set_broker(ForbiddenBroker(middleware=[]))


def middleware() -> list[Middleware]:
    """Return what every broker of ours is made with."""
    return [TimeLimit(time_limit=SOFT_LIMIT_MS), ShutdownNotifications(), Retries(max_retries=0)]


def embedded_brokers() -> Mapping[str, StubBroker]:
    """Return a broker inside this process for every queue."""
    return {queue: _embedded(queue) for queue in QUEUES}


def _embedded(queue: str) -> StubBroker:
    broker = StubBroker(middleware=middleware())
    broker.declare_queue(queue)
    return broker
