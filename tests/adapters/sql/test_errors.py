"""What a database's errors mean to a person: a code, a sentence and the next thing to do."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text

from maverick_adapters.sql import open_engine, revision_state, upgrade
from maverick_adapters.sql.errors import DefectError, translated
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.upload.actions import End, Settle
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.scene import LEASE, NOVEMBER, contact, scene_on

PASSWORD = "s3cr3t-cAnArY"  # noqa: S105 - made up


@contextmanager
def unavailable(code: str) -> Iterator[pytest.ExceptionInfo[Unavailable]]:
    with pytest.raises(Unavailable) as refused:
        yield refused

    assert refused.value.code == code
    assert refused.value.remedy


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    """The setting to look at is named; the password is nowhere, not in the cause either."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        engine = open_engine(f"postgresql://pat:{PASSWORD}@127.0.0.1:{port}/maverick")

        with unavailable("db_unreachable") as refused:
            upgrade(engine)

    assert f"127.0.0.1:{port}/maverick" in str(refused.value)
    assert "MAVERICK_DATABASE_URL" in refused.value.remedy
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


def test_a_refused_login_is_told_from_a_server_that_is_down(new_postgres: NewDatabase) -> None:
    """Starting the server would not help."""
    url = make_url(new_postgres()).set(password=PASSWORD)
    engine = open_engine(url.render_as_string(hide_password=False))

    with unavailable("db_login") as refused:
        revision_state(engine)

    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


def test_a_database_that_was_not_made_is_told_from_an_empty_one(new_postgres: NewDatabase) -> None:
    """Upgrading would not help."""
    url = make_url(new_postgres()).set(database="maverick_nowhere")
    engine = open_engine(url.render_as_string(hide_password=False))

    with unavailable("db_absent"):
        revision_state(engine)


def test_a_database_without_tables_is_behind(empty: Engine) -> None:
    """The command that helps is in the remedy."""
    with unavailable("db_behind") as refused:
        scene_on(empty).store.workspaces()

    assert "maverick db upgrade" in refused.value.remedy


def test_a_database_of_an_older_version_is_behind(empty: Engine) -> None:
    """Not only what is new fails with a reason: the reason is the same."""
    upgrade(empty, "0001")

    with unavailable("db_behind"):
        scene_on(empty).store.account(1, NOVEMBER)


def test_a_file_in_a_directory_that_does_not_exist_cannot_be_reached(tmp_path: Path) -> None:
    """It says which file, so that a slip in the setting is seen."""
    engine = open_engine(f"sqlite:///{tmp_path}/nowhere/maverick.db")

    with unavailable("db_unreachable") as refused:
        upgrade(engine)

    assert f"{tmp_path}/nowhere/maverick.db" in str(refused.value)


def test_a_file_that_is_not_a_database_is_damaged(tmp_path: Path) -> None:
    """And stays as it is."""
    letter = tmp_path / "letter.db"
    letter.write_text("Dear Pat, " * 200)

    with unavailable("db_damaged"):
        upgrade(open_engine(f"sqlite:///{letter}"))

    assert letter.read_text() == "Dear Pat, " * 200


def test_a_disk_without_room_is_said_and_nothing_is_half_done(new_sqlite: NewDatabase) -> None:
    """The import that did not fit can be run again."""
    engine = open_engine(new_sqlite(), pool_size=1)
    upgrade(engine)
    scene = scene_on(engine)
    acme = scene.workspace()
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))

    with unavailable("db_full"):
        scene.contacts(acme, 1_000)

    assert scene.store.supply(acme.id) == 0
    engine.dispose()


def test_a_pool_without_a_free_connection_is_busy(new_sqlite: NewDatabase) -> None:
    """More threads than connections is a setting, not a crash."""
    engine = open_engine(new_sqlite(), pool_size=1)
    engine.pool._timeout = 0  # type: ignore[attr-defined]
    scene = scene_on(engine)

    with engine.connect(), unavailable("db_busy"):
        scene.store.workspaces()
    engine.dispose()


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("08006", "db_unreachable"),  # connection failure
        ("57P01", "db_unreachable"),  # admin shutdown
        ("57P03", "db_unreachable"),  # starting up
        ("28000", "db_login"),
        ("42703", "db_behind"),  # no such column
        ("42501", "db_read_only"),  # no right to
        ("25006", "db_read_only"),  # a replica
        ("53100", "db_full"),
        ("53300", "db_busy"),  # too many connections
        ("40P01", "db_busy"),  # deadlock
        ("57014", "db_busy"),  # statement timeout
        ("XX001", "db_damaged"),
    ],
)
def test_what_postgresql_says_has_a_code(sqlstate: str, code: str) -> None:
    """Each SQLSTATE that operations can bring about."""
    with unavailable(code), translated(make_url("postgresql://db.example/maverick")):
        raise psycopg.errors.lookup(sqlstate)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SQLITE_BUSY", "db_busy"),
        ("SQLITE_BUSY_SNAPSHOT", "db_busy"),
        ("SQLITE_IOERR_FSYNC", "db_damaged"),
        ("SQLITE_CORRUPT", "db_damaged"),
        ("SQLITE_READONLY", "db_read_only"),
    ],
)
def test_what_sqlite_says_has_a_code(name: str, code: str) -> None:
    """By its extended error name."""
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorname = name

    with unavailable(code), translated(make_url("sqlite:///maverick.db")):
        raise error


def test_an_error_that_nobody_thought_of_is_not_hidden(empty: Engine) -> None:
    """A wrong statement is a defect; it comes through as it is."""
    with (
        pytest.raises(Exception, match="syntax error"),
        translated(empty.url),
        empty.connect() as connection,
    ):
        connection.execute(text("SELEC 1"))


def test_a_refused_row_is_named_by_the_rule_it_broke(engine: Engine) -> None:
    """Never by its content: a driver's message may quote somebody's e-mail."""
    scene = scene_on(engine)
    acme = scene.workspace()
    import_id = scene.store.begin_import(acme.id, "list.csv", at=scene.clock.now())
    twice = [contact("ann"), contact("ann")]

    with pytest.raises(DefectError) as defect:
        scene.store.add_contacts(import_id, twice, rows_read=2, at=scene.clock.now())

    assert "agency.example" not in "".join(traceback.format_exception(defect.value))


def test_a_second_outcome_is_refused_by_the_ledgers_key(engine: Engine) -> None:
    """Whatever a sum or a worker believes, a contact counts once."""
    scene = scene_on(engine, chunk_size=1)
    claim = scene.claim(scene.batch(2))
    contact_id = claim.chunks[0].contacts[0]
    scene.store.settle(claim, Settle(0, skipped=[contact_id], settled=True), lease_seconds=LEASE)

    with pytest.raises(DefectError, match="outcomes"):
        scene.store.settle(claim, Settle(1, skipped=[contact_id]), lease_seconds=LEASE)

    assert scene.store.batch(claim.batch_id).skipped == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contact_batches SET state = 'uploaded'",
        "UPDATE contact_batches SET accepted = 4",
        "UPDATE contact_batches SET not_attachable = 1",
        "UPDATE contact_batches SET state = 'nearly'",
        "UPDATE batch_chunks SET state = 'settled'",
        "UPDATE batch_chunks SET skipped = 2, rejected = 2",
        "UPDATE imports SET added = added + 1",
        "INSERT INTO outcomes VALUES (1, 1, 'accepted', NULL, NULL, '2026-11-02 09:00:00')",
        "INSERT INTO batch_members (batch_id, position, contact_id) VALUES (9, 0, 1)",
    ],
)
def test_figures_that_do_not_add_up_cannot_be_stored(engine: Engine, statement: str) -> None:
    """Sealed conservation: the tables themselves refuse what no correct transaction does."""
    scene = scene_on(engine)
    scene.batch(3)

    with pytest.raises(DefectError), translated(engine.url), engine.begin() as connection:
        connection.execute(text(statement))


def test_a_batch_with_open_contacts_cannot_be_finished(engine: Engine) -> None:
    """And nothing of the attempt stays."""
    scene = scene_on(engine)
    claim = scene.claim(scene.batch(3))
    before = scene.store.snapshot()

    with pytest.raises(DefectError):
        scene.store.finish(claim, End(BatchEvent.FINISH))

    assert scene.store.snapshot() == before
