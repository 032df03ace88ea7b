"""The runner inside this process: what travels on its queues, and what may not."""

from __future__ import annotations

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from maverick_adapters.queueing import QueueDoorbell
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE
from maverick_runners.brokers import GlobalBrokerForbidden, forbid_global_broker
from maverick_runners.embedded import OnceAtATime


@pytest.fixture
def broker() -> StubBroker:
    broker = StubBroker(middleware=[])
    broker.declare_queue(UPLOAD_QUEUE)
    return broker


def waiting(broker: StubBroker) -> list[dramatiq.Message[None]]:
    queue = broker.queues[UPLOAD_QUEUE]
    return [dramatiq.Message.decode(queue.get_nowait()) for _ in range(queue.qsize())]


def test_a_message_carries_the_batch_s_id_and_nothing_else(broker: StubBroker) -> None:
    """Whatever a queue shows or loses, it holds no contact, no token and no e-mail."""
    QueueDoorbell(broker).ring(42)

    (message,) = waiting(broker)
    assert (message.actor_name, message.args, message.kwargs) == (UPLOAD_ACTOR, (42,), {})
    assert set(message.options) <= {"redis_message_id"}


def test_a_batch_that_is_busy_here_is_not_rung_for_again(broker: StubBroker) -> None:
    """Until it was worked on, however it ended; then the sweep may find it again."""
    once = OnceAtATime(broker)
    bell = once.bell()
    bell.ring(1)
    bell.ring(1)
    bell.ring(2)
    messages = waiting(broker)

    assert [message.args for message in messages] == [(1,), (2,)]
    assert once.busy == 2
    broker.emit_after("process_message", messages[0], exception=RuntimeError("died"))
    bell.ring(1)
    assert [message.args for message in waiting(broker)] == [(1,)]


def test_what_has_the_same_number_is_not_the_same(broker: StubBroker) -> None:
    """Actors share a queue, and what they are told of is numbered for itself."""
    once = OnceAtATime(broker)
    batches, others = once.bell(), once.bell(actor="another")
    batches.ring(1)
    others.ring(1)
    first, second = waiting(broker)
    broker.emit_after("process_message", second)
    batches.ring(1)

    assert (first.actor_name, second.actor_name) == (UPLOAD_ACTOR, "another")
    assert waiting(broker) == []


def test_an_actor_without_a_broker_fails_where_it_is_declared() -> None:
    """Dramatiq's global broker would be a Redis on this machine that nobody meant."""
    forbid_global_broker()

    def lost() -> None:
        """Do nothing."""

    with pytest.raises(GlobalBrokerForbidden, match="lost"):
        dramatiq.actor(lost)
