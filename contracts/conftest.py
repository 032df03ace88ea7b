"""The adapters that the suites run on, each made by a factory when a case first asks for it.

Fixtures are asked for by name, case by case, so a server that is absent hides only its own cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from contracts.store.site import LEASE, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.sql.tables import metadata
from maverick_adapters.vault import Vault
from maverick_core.pipeline.invariants import broken

SiteFactory = Callable[[], Site]
"""Gives an empty store; the one it gave before is gone with that."""

AT_ONCE = 20  # connections, one for each thread of the widest race


@pytest.fixture(scope="session")
def memory_sites() -> SiteFactory:
    """Make stores in memory."""

    def make() -> Site:
        clock = ManualClock()
        return Site(MemoryStore(clock), clock, lambda: clock.advance(LEASE))

    return make


@pytest.fixture(scope="session")
def sqlite_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteFactory]:
    """Empty one SQLite file again and again; its leases run by the clock of the store."""
    path: Path = tmp_path_factory.mktemp("sqlite") / "maverick.db"
    with migrated(f"sqlite:///{path}") as engine:

        def make() -> Site:
            clock = ManualClock()
            empty(engine)
            return Site(sql_store(engine, clock), clock, lambda: clock.advance(LEASE))

        yield make


@pytest.fixture(scope="session")
def postgres_sites(postgres_url: str) -> Iterator[SiteFactory]:
    """Empty one PostgreSQL database again and again; its leases run by the server's own clock."""
    with migrated(postgres_url) as engine:

        def make() -> Site:
            clock = ManualClock()
            empty(engine)
            return Site(sql_store(engine, clock), clock, lambda: move_leases_back(engine))

        yield make


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Give one empty store of each adapter; whatever a case does, the laws hold after it."""
    factory: SiteFactory = request.getfixturevalue(f"{request.param}_sites")
    site = factory()
    yield site
    assert broken(site.record.snapshot()) == []


@contextmanager
def migrated(url: str) -> Iterator[Engine]:
    """Open a database that has the tables of today."""
    engine = open_engine(url, pool_size=AT_ONCE)
    upgrade(engine)
    yield engine
    engine.dispose()


def sql_store(engine: Engine, clock: ManualClock) -> SqlStore:
    """Return a store that can keep tokens."""
    return SqlStore(engine, clock, Vault.from_secret(Vault.new_key()))


def empty(engine: Engine) -> None:
    """Delete every row; on a few rows that takes a tenth of what TRUNCATE does."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def move_leases_back(engine: Engine) -> None:
    """Let every lease of now be over: the server's clock is not ours to move."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE contact_batches SET lease_until = lease_until - make_interval(secs => %s)",
            (LEASE,),
        )
