"""Both databases, empty or with the tables of today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from maverick_adapters.sql import open_engine, upgrade

NewDatabase = Callable[[], str]


@pytest.fixture
def new_sqlite(tmp_path: Path) -> NewDatabase:
    """Call it for the address of a file that does not exist yet."""
    numbers = iter(range(100))
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


@pytest.fixture
def new_postgres(fresh_postgres_database: NewDatabase) -> NewDatabase:
    """Call it for the address of an empty database."""
    return fresh_postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Call it for the address of an empty database, on each kind in turn."""
    found: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    return found


@pytest.fixture
def empty(new_database: NewDatabase) -> Iterator[Engine]:
    """Open a database without a table."""
    engine = open_engine(new_database(), pool_size=10)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """Open a database with the tables of today."""
    upgrade(empty)
    return empty
