"""What doctor says of Redis, where one is named."""

from collections.abc import Callable

import pytest

from tests.runners.conftest import Run
from tests.services.redis import RedisServer

Doctor = Callable[[], str]


@pytest.fixture
def doctor(maverick: Run, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    monkeypatch.setenv("MAVERICK_REDIS_URL", redis_server.url)
    maverick("db", "upgrade")
    return lambda: maverick("doctor", "--offline").out


def test_a_redis_that_takes_and_keeps_messages_is_good(doctor: Doctor) -> None:
    """No word more than that."""
    assert "✓ Redis reached" in doctor()


def test_a_full_redis_is_named_with_what_to_do(doctor: Doctor, redis_server: RedisServer) -> None:
    """Announcements wait in the database until then: a warning."""
    with redis_server.full():
        said = doctor()

    assert "! Redis is full" in said
    assert "maxmemory" in said


def test_a_redis_that_may_drop_messages_is_named(doctor: Doctor, redis_server: RedisServer) -> None:
    """With eviction, enqueueing succeeds and the message is gone."""
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", 100_000_000)
        said = doctor()

    assert "maxmemory-policy is allkeys-lru" in said


def test_a_redis_that_does_not_answer_is_bad(doctor: Doctor, redis_server: RedisServer) -> None:
    """Workers would not start."""
    redis_server.stop()

    assert "✕ Redis is not reachable" in doctor()
