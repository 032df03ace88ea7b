"""What the databases' errors mean to a person: one table, and nothing of ours passes through it.

A driver's error may quote the row that it is about, so rows that a database refused are named by
the constraint they broke and the driver's words are dropped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from maverick_core.kernel.errors import Unavailable


class DefectError(AssertionError):
    """The product itself did what the record does not allow; everything was rolled back."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    code: str
    says: str
    remedy: str


_CHECK_ADDRESS = "Start it, or correct MAVERICK_DATABASE_URL."
_UNREACHABLE = _Meaning("db_unreachable", "cannot be reached", _CHECK_ADDRESS)
_LOGIN = _Meaning("db_login", "refuses the login", "Correct MAVERICK_DATABASE_URL.")
_ABSENT = _Meaning("db_absent", "does not exist", "Create it, or correct MAVERICK_DATABASE_URL.")
_BEHIND = _Meaning("db_behind", "is not up to date", 'Run "maverick db upgrade".')
_FULL = _Meaning("db_full", "has no room left", "Make room on its disk, then try again.")
_BUSY = _Meaning("db_busy", "is too busy", "Try again; if it stays so, run fewer workers.")
_READ_ONLY = _Meaning("db_read_only", "cannot be written to", "Give this user the right to write.")
_DAMAGED = _Meaning("db_damaged", "cannot be read properly", "Check its disk; restore a backup.")

# By the beginning of the SQLSTATE, the longest first.
_POSTGRES: Final = {
    "3D000": _ABSENT,
    "3F000": _BEHIND,
    "42P01": _BEHIND,
    "42703": _BEHIND,
    "42501": _READ_ONLY,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "58030": _DAMAGED,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "55P03": _BUSY,
    "57014": _BUSY,
    "57P": _UNREACHABLE,
    "08": _UNREACHABLE,
    "28": _LOGIN,
    "40": _BUSY,
    "53": _BUSY,
}

# Who is refused a connection is told in words only.
_POSTGRES_REFUSALS: Final = {
    "authentication failed": _LOGIN,
    "no password supplied": _LOGIN,
    "pg_hba.conf": _LOGIN,
    'FATAL:  role "': _LOGIN,
    'FATAL:  database "': _ABSENT,
    "too many clients": _BUSY,
    "connection slots": _BUSY,
}

# By the beginning of SQLite's extended error name.
_SQLITE: Final = {
    "SQLITE_CANTOPEN": _UNREACHABLE,
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_IOERR": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
}
_SQLITE_BEHIND: Final = ("no such table", "no such column", "has no column")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what the database behind ``url`` raises inside the block into the core's errors.

    Raises:
        Unavailable: ``db_…``; wait, or do what the remedy says.
        DefectError: a row was refused, or a statement was wrong.

    """
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        driver = error.orig if isinstance(error, DBAPIError) else error
        meaning = _meaning(driver)
        if meaning:
            raise Unavailable(
                f"The database {address(url)} {meaning.says}.",
                code=meaning.code,
                remedy=meaning.remedy,
            ) from error
        if isinstance(driver, _ABOUT_ROWS):
            raise DefectError(f"The database refused a row: {_broken(driver)}.") from None
        raise


_ABOUT_ROWS: Final = (
    psycopg.IntegrityError,
    psycopg.DataError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
)


def address(url: URL) -> str:
    """Return where the database is, without the login."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}/{url.database or ''}"


def _meaning(error: BaseException | None) -> _Meaning | None:
    if isinstance(error, PoolTimeoutError):
        return _BUSY
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:
            return _refusal(error) if isinstance(error, psycopg.OperationalError) else None
        return _by_beginning(_POSTGRES, error.sqlstate)
    if isinstance(error, sqlite3.Error):
        if any(words in str(error) for words in _SQLITE_BEHIND):
            return _BEHIND
        return _by_beginning(_SQLITE, getattr(error, "sqlite_errorname", ""))
    return None


def _refusal(error: psycopg.OperationalError) -> _Meaning:
    said = str(error)
    known = (meaning for words, meaning in _POSTGRES_REFUSALS.items() if words in said)
    return next(known, _UNREACHABLE)


def _by_beginning(table: dict[str, _Meaning], code: str) -> _Meaning | None:
    return next((meaning for start, meaning in table.items() if code.startswith(start)), None)


def _broken(error: psycopg.Error | sqlite3.Error) -> str:
    """Name the law that was broken; never the row, which is somebody's data."""
    if isinstance(error, psycopg.Error):
        return error.diag.constraint_name or error.sqlstate or type(error).__name__
    return str(error) if isinstance(error, sqlite3.IntegrityError) else type(error).__name__
