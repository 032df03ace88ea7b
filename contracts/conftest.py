"""The adapters that the suites run on, each made by a factory when a case first asks for it.

Fixtures are asked for by name, case by case, so a server that is absent hides only its own cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from contracts.store.site import LEASE, Site, SiteFactory
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.sql.tables import audit_log, metadata
from maverick_adapters.vault import Vault
from maverick_core.pipeline.batch import CHUNK_SIZE
from maverick_core.pipeline.invariants import broken, raw_buckets_add_up

AT_ONCE = 20  # connections, one for each thread of the widest race


@pytest.fixture(scope="session")
def memory_sites() -> SiteFactory:
    """Make stores in memory."""

    def make(chunk_size: int = CHUNK_SIZE) -> Site:
        clock = ManualClock()
        store = MemoryStore(clock, chunk_size=chunk_size)

        def keyed(*key_ids: str) -> MemoryStore:
            store.use_keys(*key_ids)
            return store

        return Site(store, clock, lambda: clock.advance(LEASE), keyed)

    return make


@pytest.fixture(scope="session")
def sqlite_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteFactory]:
    """Empty one SQLite file again and again; its leases run by the clock of the store."""
    path: Path = tmp_path_factory.mktemp("sqlite") / "maverick.db"
    with migrated(f"sqlite:///{path}") as engine:

        def make(chunk_size: int = CHUNK_SIZE) -> Site:
            clock = ManualClock()
            store = empty_store(engine, clock, chunk_size)
            keyed = partial(store_with_keys, engine, clock, chunk_size)
            return Site(store, clock, lambda: clock.advance(LEASE), keyed)

        yield make


@pytest.fixture(scope="session")
def postgres_sites(postgres_url: str) -> Iterator[SiteFactory]:
    """Empty one PostgreSQL database again and again; its leases run by the server's own clock."""
    with migrated(postgres_url) as engine:

        def make(chunk_size: int = CHUNK_SIZE) -> Site:
            clock = ManualClock()
            store = empty_store(engine, clock, chunk_size)
            keyed = partial(store_with_keys, engine, clock, chunk_size)
            return Site(store, clock, lambda: move_leases_back(engine), keyed)

        yield make


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Give one empty store of each adapter; whatever a case does, the laws hold after it."""
    factory: SiteFactory = request.getfixturevalue(f"{request.param}_sites")
    site = factory()
    yield site
    assert broken(site.record.snapshot()) == []
    assert raw_buckets_add_up(site.record.raw_snapshot()) == []


@contextmanager
def migrated(url: str) -> Iterator[Engine]:
    """Open a database that has the tables of today, and the connections that a race needs.

    Threads that first had to connect would not meet.
    """
    engine = open_engine(url, pool_size=AT_ONCE)
    upgrade(engine)
    with ExitStack() as connections:
        for _ in range(AT_ONCE):
            connections.enter_context(engine.connect())
    yield engine
    engine.dispose()


def empty_store(engine: Engine, clock: ManualClock, chunk_size: int) -> SqlStore:
    """Delete every row, which takes a tenth of what TRUNCATE does on so few, and return a store."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is audit_log:
                empty_audit_log(connection)
            else:
                connection.execute(table.delete())
    vault = Vault.from_secret(Vault.new_key())
    return SqlStore(engine, clock, vault, chunk_size=chunk_size)


def empty_audit_log(connection: Connection) -> None:
    """Do what only the owner of a database can, where there is something to do."""
    if connection.execute(select(audit_log.c.id).limit(1)).scalar_one_or_none() is None:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE audit_log DISABLE TRIGGER USER")
        connection.execute(audit_log.delete())
        connection.exec_driver_sql("ALTER TABLE audit_log ENABLE TRIGGER USER")
        return
    triggers = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'"
    ).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.execute(audit_log.delete())
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


def store_with_keys(engine: Engine, clock: ManualClock, chunk_size: int, *key_ids: str) -> SqlStore:
    """Return a store on the rows that are there, whose vault has the keys with these ids."""
    keys = {key_id: hashlib.sha256(key_id.encode()).digest() for key_id in key_ids}
    return SqlStore(engine, clock, Vault(keys, next(iter(keys), "")), chunk_size=chunk_size)


def move_leases_back(engine: Engine) -> None:
    """Let every lease of now be over: the server's clock is not ours to move."""
    with engine.begin() as connection:
        for table in ("contact_batches", "imports", "notifications", "operations", "scrape_runs"):
            connection.exec_driver_sql(
                f"UPDATE {table} SET lease_until = lease_until - make_interval(secs => %s)",  # noqa: S608 - names of ours
                (LEASE,),
            )
