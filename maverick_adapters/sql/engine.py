"""Opens the database that an address names, set up so that the record can rely on it."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from maverick_core.kernel.errors import Rejected

BUSY_SECONDS: Final = 30
CONNECT_SECONDS: Final = 10
TRUSTED_SECONDS: Final = 1.0  # a connection that rested longer is asked whether it still stands
BEGIN: Final = "maverick_begin"
"""Execution option: the statement that opens a transaction on SQLite, empty for none."""

RESTING_SINCE: Final = "resting_since"
_POSTGRES: Final = {
    "application_name": "maverick",
    "connect_timeout": CONNECT_SECONDS,
    # A host that is gone says nothing. The system's own patience with one is two hours where an
    # answer is awaited, and a quarter of an hour where something was sent.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
_BACKENDS: Final = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine for ``url`` that holds at most ``pool_size`` connections.

    Connects to nothing yet. An error of the engine never shows a statement's parameters.

    Raises:
        Rejected: ``bad_database_url``.

    """
    address = _parse(url)
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": BUSY_SECONDS,
        "hide_parameters": True,
    }
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, **options, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        sqlite3.register_adapter(datetime, _spelt)
        return engine
    engine = create_engine(address, **options, connect_args=_POSTGRES)
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", _wake)
    return engine


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
        url = url.set(drivername=_BACKENDS.get(url.drivername, url.drivername))
    except (ArgumentError, ValueError):
        raise _bad_url("It cannot be read.") from None
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise _bad_url(f"{url.drivername!r} is not a database that Maverick works with.")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        # Each connection would have a database of its own.
        raise _bad_url("It names no file.")
    return url


def _bad_url(why: str) -> Rejected:
    return Rejected(
        f"MAVERICK_DATABASE_URL is wrong. {why}",
        code="bad_database_url",
        remedy="Write sqlite:///maverick.db or postgresql://user:password@host:5432/name.",
    )


def _rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[RESTING_SINCE] = time.monotonic()


def _wake(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Replace a connection whose server was restarted, at a round trip, in place of failing.

    Asked only of one that rested a while: three of these a chunk cost as much as its outcomes.
    """
    since = record.info.get(RESTING_SINCE)
    if since is None or time.monotonic() - since < TRUSTED_SECONDS:
        return
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _spelt(at: datetime) -> str:
    """Spell an instant of the bulk road as SQLAlchemy spells all others: they are compared as text.

    The driver's own spelling has a zone, and no fraction where that is zero.
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Take transactions over from the driver, which would begin them late and without a lock.

    ``synchronous = FULL``: the intent to send must survive a power cut, or a batch whose leads
    were taken would look untouched. In WAL mode that is one fsync a commit, two a chunk.
    """
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin with the write lock in hand: a lock upgrade in mid-transaction fails at once."""
    statement = connection.get_execution_options().get(BEGIN, "BEGIN IMMEDIATE")
    if statement:
        connection.exec_driver_sql(statement)
