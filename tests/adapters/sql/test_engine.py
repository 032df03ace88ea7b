"""How a database is opened: which addresses, and what the record can rely on afterwards."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from maverick_adapters.sql import open_engine, upgrade
from maverick_adapters.sql.engine import RESTING_SINCE, TRUSTED_SECONDS
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.upload.ports import NotClaimed
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.scene import LEASE, Scene, scene_on


@pytest.mark.parametrize(
    "url",
    [
        "",
        "maverick.db",
        "postgresql://pat:s3cret@host:port/maverick",
        "mysql://pat:s3cret@host/maverick",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+asyncpg://pat:s3cret@host/maverick",
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_opened(url: str) -> None:
    """It names the setting and shows the right form; what was given may hold a password."""
    with pytest.raises(Rejected) as refused:
        open_engine(url)

    assert refused.value.code == "bad_database_url"
    assert "MAVERICK_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_of_postgresql_is_understood(scheme: str) -> None:
    """Hosting companies hand out either; nobody should have to know the driver's name."""
    engine = open_engine(f"{scheme}://pat@db.example/maverick")

    assert engine.url.drivername == "postgresql+psycopg"


@pytest.fixture
def sqlite(new_sqlite: NewDatabase) -> Iterator[Engine]:
    """Open an SQLite file with the tables of today."""
    engine = open_engine(new_sqlite(), pool_size=10)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)],
)
def test_sqlite_is_opened_so_that_a_commit_is_kept(
    sqlite: Engine, pragma: str, value: object
) -> None:
    """WAL with an fsync a commit: what was marked as sent is on the disk before it is sent."""
    with sqlite.connect() as connection:
        found = connection.execute(text(f"PRAGMA {pragma}")).scalar_one()

    assert found == value


def test_a_reader_of_sqlite_does_not_wait_for_a_writer(sqlite: Engine) -> None:
    """It sees what was committed before, while a plan or an import is in its transaction."""
    scene = scene_on(sqlite)
    acme = scene.workspace()
    scene.contacts(acme, 3)

    with sqlite.begin() as writing:
        writing.execute(text("UPDATE workspaces SET slug = 'other'"))

        assert scene.store.workspace("acme") == acme
        assert scene.store.supply(acme.id) == 3


def test_many_threads_write_to_one_sqlite_file(sqlite: Engine) -> None:
    """They follow each other; nobody is told that the database is locked."""
    scene = scene_on(sqlite)
    claim = scene.claim(scene.batch(3))

    def send(_: int) -> bool:
        return scene.store.mark_sent(claim, 0, lease_seconds=LEASE)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(send, range(80))) == [False] * 80
    with sqlite.connect() as connection:
        assert connection.execute(text("SELECT sends FROM batch_chunks")).scalar_one() == 80


def test_two_processes_of_one_database_claim_each_batch_once(new_database: NewDatabase) -> None:
    """Two engines know as little of each other as two processes do."""
    url = new_database()
    engines = [open_engine(url, pool_size=4) for _ in range(2)]
    upgrade(engines[0])
    scenes = [scene_on(engine) for engine in engines]
    acme = scenes[0].workspace()
    scenes[0].contacts(acme, 20)
    batches = scenes[0].plan(acme, *[1] * 20)

    def claims(scene: Scene) -> list[int]:
        taken = []
        for batch_id in batches:
            found = scene.store.claim(batch_id, worker="worker", lease_seconds=LEASE)
            if not isinstance(found, NotClaimed):
                taken.append(batch_id)
        return taken

    with ThreadPoolExecutor(8) as threads:
        taken = list(chain.from_iterable(threads.map(claims, scenes * 4)))

    for engine in engines:
        engine.dispose()
    assert sorted(taken) == list(batches)


def test_a_rested_connection_that_the_server_ended_is_replaced(new_postgres: NewDatabase) -> None:
    """A restart of the server at night costs a round trip in the morning, not an upload."""
    url = new_postgres()
    engine, other = open_engine(url), open_engine(url)
    upgrade(engine)
    event.listen(engine, "checkin", rest_long)
    scene = scene_on(engine)
    acme = scene.workspace()
    with other.begin() as connection:
        ended = connection.execute(END_THE_OTHERS).scalars().all()

    assert all(ended)
    assert ended
    assert scene.store.workspace("acme") == acme
    engine.dispose()
    other.dispose()


def rest_long(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[RESTING_SINCE] -= 10 * TRUSTED_SECONDS


END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
