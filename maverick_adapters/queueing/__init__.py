"""Messages to actors, sent by name, so that who sends need not import who works."""

from __future__ import annotations

from collections.abc import Mapping

import redis
from dramatiq import Broker, Message

from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement
from maverick_core.kernel.errors import Unavailable


class QueueDoorbell:
    """Rings by putting an id, and nothing else, on a queue; a batch's, unless told otherwise."""

    def __init__(
        self, broker: Broker, *, queue: str = UPLOAD_QUEUE, actor: str = UPLOAD_ACTOR
    ) -> None:
        """Ring on ``broker``, the one of ``queue``, for ``actor``."""
        self._broker = broker
        self._queue = queue
        self._actor = actor

    def ring(self, batch_id: int) -> None:
        """Enqueue one message."""
        self._broker.enqueue(_message(self._queue, self._actor, batch_id))


class BrokerQueues:
    """Satisfies ``Queues`` with one broker a queue."""

    def __init__(self, brokers: Mapping[str, Broker]) -> None:
        """Send by ``brokers``, by name of queue."""
        self._brokers = brokers

    def enqueue(self, announcement: Announcement) -> str:
        """Enqueue one message; see ``Queues.enqueue``."""
        message = _message(announcement.queue, announcement.actor, announcement.arg)
        try:
            self._brokers[announcement.queue].enqueue(message)
        except redis.RedisError as error:
            raise Unavailable(
                f"Redis did not take a message ({type(error).__name__}).",
                code="redis_refused",
                remedy="It is sent again by itself; look after Redis if this goes on.",
            ) from error
        return message.message_id


def _message(queue: str, actor: str, arg: int) -> Message[None]:
    return Message(queue_name=queue, actor_name=actor, args=(arg,), kwargs={}, options={})
