"""Workers beside a Redis that is full or stands still."""

import pytest
from dramatiq import Consumer, Message
from dramatiq.errors import BrokerConnectionError

from maverick_adapters.settings import load_settings
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_runners.brokers import redis_broker
from tests.services.redis import RedisServer


@pytest.fixture
def consumer(redis_server: RedisServer) -> Consumer:
    """Consume a queue that has a message."""
    broker = redis_broker(load_settings(redis_url=redis_server.url), UPLOAD_QUEUE, [])
    broker.enqueue(
        Message(queue_name=UPLOAD_QUEUE, actor_name="upload", args=(1,), kwargs={}, options={})
    )
    return broker.consume(UPLOAD_QUEUE, prefetch=2, timeout=1)


def test_a_full_redis_is_waited_for_as_one_that_is_away(
    consumer: Consumer, redis_server: RedisServer
) -> None:
    """Nothing is fetched, and what was done is acknowledged once there is room again."""
    message = next(consumer)
    assert message is not None
    with redis_server.full():
        with pytest.raises(BrokerConnectionError, match="OutOfMemoryError"):
            next(consumer)
        with pytest.raises(BrokerConnectionError, match="OutOfMemoryError"):
            consumer.ack(message)

    consumer.ack(message)
    with redis_server.client() as client:
        assert list(client.scan_iter("*.msgs")) == []
