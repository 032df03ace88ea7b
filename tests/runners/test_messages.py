"""What workers are told is one number; everything else they look up in the record."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from maverick_adapters.container import Wired, wire
from maverick_adapters.queueing import BrokerQueues
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_core.jobs.rules import Announcement
from maverick_runners.app import ACTORS
from maverick_runners.brokers import QUEUES, redis_broker
from tests.runners.conftest import Run
from tests.services.redis import RedisServer

NUMBERS = {int, "int"}


@pytest.fixture
def wired(maverick: Run) -> Iterator[Wired]:  # noqa: ARG001 - sets the environment up
    with wire(load_settings()) as wired:
        upgrade(wired.engine)
        yield wired


def actors(wired: Wired) -> list[dramatiq.Actor[..., object]]:
    """Return every actor that a worker declares."""
    found: list[dramatiq.Actor[..., object]] = []
    for declare in ACTORS.values():
        broker = StubBroker(middleware=[])
        declare(broker, wired)
        found += broker.actors.values()
    return found


def test_every_queue_with_workers_has_actors_and_the_other_way_round(wired: Wired) -> None:
    """Nothing is told to nobody, and what follows looks at all of them."""
    assert {actor.queue_name for actor in actors(wired)} == set(ACTORS) == set(QUEUES)


def test_every_actor_takes_one_number(wired: Wired) -> None:
    """An id: an e-mail, a token or a name has no way into a message."""
    for actor in actors(wired):
        parameters = inspect.signature(actor.fn).parameters.values()

        assert len(parameters) == 1, actor.actor_name
        assert {parameter.annotation for parameter in parameters} <= NUMBERS, actor.actor_name


def test_what_lies_on_redis_is_that_number_and_nothing_else(
    wired: Wired, redis_server: RedisServer
) -> None:
    """Read from Redis itself, for every actor there is."""
    settings = load_settings(redis_url=redis_server.url)
    brokers = {queue: redis_broker(settings, queue, []) for queue in QUEUES}
    queues = BrokerQueues(brokers)
    for number, actor in enumerate(actors(wired), start=1):
        queues.enqueue(Announcement(0, actor.queue_name, actor.actor_name, 4_200 + number))

    with redis_server.client() as client:
        bodies = [
            json.loads(body) for key in client.scan_iter("*.msgs") for body in client.hvals(key)
        ]
    assert sorted(body["args"] for body in bodies) == [
        [4_200 + number] for number in range(1, len(actors(wired)) + 1)
    ]
    for body in bodies:
        assert body["kwargs"] == {}
        assert set(body) == {
            "queue_name", "actor_name", "args", "kwargs", "options", "message_id",
            "message_timestamp",
        }  # fmt: skip
        assert set(body["options"]) <= {"redis_message_id"}
    for broker in brokers.values():
        broker.close()
