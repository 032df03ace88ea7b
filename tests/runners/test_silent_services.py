"""A service that takes the connection and then says nothing is waited for, but not for ever."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from maverick_adapters.settings import load_settings
from maverick_adapters.sql import engine as sql_engine
from maverick_adapters.sql import open_engine, revision_state
from maverick_core.kernel.errors import Unavailable
from maverick_runners import brokers

AT_MOST_SECONDS = 20.0


@pytest.fixture
def silent() -> Iterator[int]:
    """Listen, and let the kernel take the connections; nobody reads them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_silent_redis_is_said_to_be_out_of_reach(
    silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the times made short; production waits longer, because a stall is no end."""
    monkeypatch.setattr(brokers, "_SOCKET_TIMEOUT_SECONDS", 0.2)
    began = time.monotonic()

    with pytest.raises(Unavailable) as refused:
        brokers.require_redis(load_settings(redis_url=f"redis://:secret@127.0.0.1:{silent}/0"))

    assert refused.value.code == "redis_unreachable"
    assert "secret" not in str(refused.value)
    assert time.monotonic() - began < AT_MOST_SECONDS


def test_a_silent_database_is_said_to_be_out_of_reach(
    silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took the connection, so this is the handshake that never ends."""
    monkeypatch.setitem(sql_engine._POSTGRES, "connect_timeout", 2)
    engine = open_engine(f"postgresql://maverick:secret@127.0.0.1:{silent}/maverick", pool_size=1)
    began = time.monotonic()

    with pytest.raises(Unavailable) as refused:
        revision_state(engine)

    engine.dispose()
    assert refused.value.code == "db_unreachable"
    assert "secret" not in str(refused.value)
    assert time.monotonic() - began < AT_MOST_SECONDS


def test_a_database_whose_host_is_gone_is_given_up(postgres_url: str) -> None:
    """As the driver says of a connection: the kernel asks after the host, and minds its silence."""
    engine = open_engine(postgres_url, pool_size=1)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        told = driver.info.get_parameters()
    engine.dispose()

    silence = int(told["keepalives_idle"]) + int(told["keepalives_interval"]) * int(
        told["keepalives_count"]
    )
    assert silence <= 60
    assert int(told["tcp_user_timeout"]) <= 60_000
