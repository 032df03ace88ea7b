"""The application in process, over memory and over SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.vault import Vault
from tests.http.house import House


@pytest.fixture
def house() -> House:
    """Give the application over a store in memory."""
    clock = ManualClock()
    return House(MemoryStore(clock), clock)


@pytest.fixture(params=["memory", "sqlite"])
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Give it over each store in turn."""
    if request.param == "memory":
        yield request.getfixturevalue("house")
        return
    clock = ManualClock()
    engine = open_engine(f"sqlite:///{tmp_path}/http.db")
    upgrade(engine)
    yield House(SqlStore(engine, clock, Vault.from_secret(Vault.new_key())), clock)
    engine.dispose()
