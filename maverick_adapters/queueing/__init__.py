"""Messages to actors, sent by name, so that who sends need not import who works."""

from __future__ import annotations

from typing import Final

from dramatiq import Broker, Message

UPLOAD_QUEUE: Final = "bison_uploads"
UPLOAD_ACTOR: Final = "email_bison.upload_batch"


class QueueDoorbell:
    """Rings by putting the batch's id, and nothing else, on the upload queue."""

    def __init__(self, broker: Broker) -> None:
        """Ring on ``broker``, the one of the upload queue."""
        self._broker = broker

    def ring(self, batch_id: int) -> None:
        """Enqueue one message."""
        message: Message[None] = Message(
            queue_name=UPLOAD_QUEUE,
            actor_name=UPLOAD_ACTOR,
            args=(batch_id,),
            kwargs={},
            options={},
        )
        self._broker.enqueue(message)
