"""All that differs between PostgreSQL and SQLite: clocks of leases, bulk roads, batch ids."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any, ClassVar, Final, Protocol, cast

import psycopg
from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Interval,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from maverick_adapters.sql.engine import BEGIN
from maverick_adapters.sql.tables import Instant, contact_batches
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.lead import Lead

Insert = postgresql.Insert | sqlite.Insert
Options = Mapping[str, Any]
Id = ColumnElement[int]

_LEADS: Final = f"SELECT id, {', '.join(Lead._fields[1:])} FROM contacts WHERE workspace_id ="  # noqa: S608


class Dialect(Protocol):
    """What the store asks of either database in that database's own way."""

    reading: ClassVar[Options]
    """Execution options for reads of one statement: no transaction, no lock."""
    snapshot: ClassVar[Options]
    """Execution options for several reads of one moment."""
    lease_end: ClassVar[ColumnElement[datetime]]
    """The instant at which a lease ends, by the database's clock; its parameter is ``lease``."""

    def turn(self) -> AbstractContextManager[object]:
        """Return what the writers of this process hold one after the other."""
        ...

    def insert(self, table: Table) -> Insert:
        """Return an insert that knows ``ON CONFLICT``."""
        ...

    def now(self, clock: Clock) -> ColumnElement[datetime]:
        """Return the instant that leases are measured against."""
        ...

    def lease(self, clock: Clock, seconds: float) -> object:
        """Return the value of ``lease`` for one that is to last ``seconds`` from now."""
        ...

    def among(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Return the test whether ``column`` is one of any number of ``values``."""
        ...

    def among_keys(self, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
        """Return the test whether ``column`` is one of thousands of keys, without line breaks."""
        ...

    def behind(
        self, key: Sequence[ColumnElement[int]], owner: int, last: int
    ) -> ColumnElement[bool]:
        """Return the test for the owner's rows behind ``last``, along the index of the two."""
        ...

    def behind_of_each(self, key: Sequence[Id], owner: Id, last: Id) -> ColumnElement[bool]:
        """Return the same test where another table names owners, for the first row of each."""
        ...

    def take_turn(self, connection: Connection, what: str) -> None:
        """Wait until no other transaction does ``what``, and keep others out until this one ends.

        Holds no row, so nobody waits who does something else.
        """
        ...

    def may_be_forgotten(self, connection: Connection) -> None:
        """Let the transaction's end not wait for the disk: it may be lost if the server crashes."""
        ...

    def append(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Any]
    ) -> None:
        """Insert ``rows``, tuples in the order of ``names``, the fast way."""
        ...

    def leads(
        self, connection: Connection, workspace_id: int, ids: Sequence[int]
    ) -> Sequence[Lead]:
        """Return the contacts of the workspace that ``ids`` name, and maybe more, in any order."""
        ...

    def next_batch_ids(self, connection: Connection, count: int) -> range:
        """Take ``count`` consecutive ids for batches that nobody else will be given."""
        ...


class Postgres:
    """PostgreSQL: the server's clock, COPY in binary, psycopg's plain tuples."""

    reading: ClassVar[Options] = {"isolation_level": "AUTOCOMMIT"}
    snapshot: ClassVar[Options] = {
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    }
    lease_end: ClassVar[ColumnElement[datetime]] = func.clock_timestamp(type_=Instant) + bindparam(
        "lease", type_=Interval
    )

    def turn(self) -> AbstractContextManager[object]:
        """Return nothing to wait for: rows are locked, not the database."""
        return nullcontext()

    def insert(self, table: Table) -> Insert:
        """Return PostgreSQL's insert."""
        return postgresql.insert(table)

    def now(self, clock: Clock) -> ColumnElement[datetime]:  # noqa: ARG002 - hosts' clocks differ
        """Return the server's clock, which all workers share; it moves within a transaction."""
        return func.clock_timestamp(type_=Instant)

    def lease(self, clock: Clock, seconds: float) -> object:  # noqa: ARG002 - the server adds it
        """Return how long the lease is to be."""
        return timedelta(seconds=seconds)

    def among(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Pass the values as one array, so that the statement is the same for any number."""
        array = bindparam(None, list(values), type_=postgresql.ARRAY(column.type))
        return column == any_(array)

    def among_keys(self, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
        """Pass the keys as one text: an array is planned element by element, for milliseconds.

        Made an array again on the server, where nothing is known of it but that it is short, it is
        looked up by index whatever the statistics say.
        """
        lines = func.string_to_array(bindparam(None, "\n".join(keys), type_=Text), "\n")
        return column == any_(func.array(select(func.unnest(lines)).scalar_subquery()))

    def behind(
        self, key: Sequence[ColumnElement[int]], owner: int, last: int
    ) -> ColumnElement[bool]:
        """Compare pairs, lest few rows be expected; but for the end: no scan stops at a pair."""
        return and_(tuple_(*key) > (owner, last), key[0] <= owner)

    def behind_of_each(self, key: Sequence[Id], owner: Id, last: Id) -> ColumnElement[bool]:
        """Compare as ``behind`` does."""
        return and_(tuple_(*key) > tuple_(owner, last), key[0] <= owner)

    def take_turn(self, connection: Connection, what: str) -> None:
        """Take an advisory lock by the hash of the words."""
        connection.execute(_TAKE_TURN, {"what": what})

    def may_be_forgotten(self, connection: Connection) -> None:
        """Say so for this transaction only."""
        connection.execute(_NO_WAIT)

    def append(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Any]
    ) -> None:
        """COPY the rows in PostgreSQL's binary format."""
        statement, types = _copy_into(table, tuple(names))
        with _psycopg(connection).cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def leads(
        self, connection: Connection, workspace_id: int, ids: Sequence[int]
    ) -> Sequence[Lead]:
        """Read tuples in binary, past SQLAlchemy's row objects."""
        with _psycopg(connection).cursor(binary=True) as cursor:
            if _are_close(ids):
                cursor.execute(_PG_LEADS_BETWEEN, (workspace_id, min(ids), max(ids)))
            else:
                cursor.execute(_PG_LEADS_AMONG, (workspace_id, list(ids)))
            return list(map(Lead._make, cursor.fetchall()))

    def next_batch_ids(self, connection: Connection, count: int) -> range:
        """Move the sequence on by ``count``, one caller at a time, without waiting for commits."""
        connection.execute(_LOCK_IDS)
        try:
            last = connection.execute(_MOVE_ON, {"count": count}).scalar_one()
        finally:
            connection.execute(_UNLOCK_IDS)
        return range(last - count + 1, last + 1)


_PG_LEADS_BETWEEN: Final = _LEADS + " %s AND id BETWEEN %s AND %s"
_PG_LEADS_AMONG: Final = _LEADS + " %s AND id = ANY(%s::int8[])"
_TAKE_TURN: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
_NO_WAIT: Final = text("SET LOCAL synchronous_commit = off")
_LOCK_IDS: Final = text("SELECT pg_advisory_lock(hashtext('contact_batches.id'))")
_UNLOCK_IDS: Final = text("SELECT pg_advisory_unlock(hashtext('contact_batches.id'))")
_MOVE_ON: Final = text(
    "SELECT setval(s.name, nextval(s.name) + :count - 1)"
    " FROM (SELECT pg_get_serial_sequence('contact_batches', 'id')::regclass AS name) AS s"
)


@cache
def _copy_into(table: Table, names: tuple[str, ...]) -> tuple[sql.Composed, list[str]]:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    return statement, [_type_name(table.c[name].type) for name in names]


def _type_name(type_: object) -> str:
    match type_:
        case BigInteger():
            return "int8"
        case Integer():
            return "int4"
        case Boolean():
            return "bool"
        case Instant():
            return "timestamptz"
        case _:
            return "text"


def _psycopg(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


class Sqlite:
    """SQLite: this host's clock, ``executemany``, one writer at a time."""

    reading: ClassVar[Options] = {BEGIN: ""}
    snapshot: ClassVar[Options] = {BEGIN: "BEGIN"}
    lease_end: ClassVar[ColumnElement[datetime]] = bindparam("lease", type_=Instant)

    def turn(self) -> AbstractContextManager[object]:
        """Return a lock: those who wait for SQLite itself sleep, and overtake each other."""
        return Lock()

    def insert(self, table: Table) -> Insert:
        """Return SQLite's insert."""
        return sqlite.insert(table)

    def now(self, clock: Clock) -> ColumnElement[datetime]:
        """Return the host's clock, the only one there is."""
        return literal(clock.now(), Instant)

    def lease(self, clock: Clock, seconds: float) -> object:
        """Return the instant itself."""
        return clock.now() + timedelta(seconds=seconds)

    def among(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Pass the values as one JSON text: the number of parameters is limited."""
        return column.in_(_listed(values))

    def among_keys(self, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
        """Pass the keys as any other values."""
        return self.among(column, list(keys))

    def behind(
        self, key: Sequence[ColumnElement[int]], owner: int, last: int
    ) -> ColumnElement[bool]:
        """Compare one by one: of pairs only the first half is looked up."""
        return and_(key[0] == owner, key[1] > last)

    def behind_of_each(self, key: Sequence[Id], owner: Id, last: Id) -> ColumnElement[bool]:
        """Compare one by one, as ``behind`` does."""
        return and_(key[0] == owner, key[1] > last)

    def take_turn(self, connection: Connection, what: str) -> None:
        """Do nothing: the transaction began with the only write lock."""

    def may_be_forgotten(self, connection: Connection) -> None:
        """Do nothing: a file is synced with every transaction, or with none."""

    def append(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Any]
    ) -> None:
        """Insert with one prepared statement, past SQLAlchemy's parameter handling."""
        _sqlite3(connection).executemany(_insert_into(table, tuple(names)), rows)

    def leads(
        self, connection: Connection, workspace_id: int, ids: Sequence[int]
    ) -> Sequence[Lead]:
        """Read tuples, past SQLAlchemy's row objects."""
        execute = _sqlite3(connection).execute
        if _are_close(ids):
            rows = execute(_SQLITE_LEADS_BETWEEN, (workspace_id, min(ids), max(ids)))
        else:
            rows = execute(_SQLITE_LEADS_AMONG, (workspace_id, json.dumps(list(ids))))
        return list(map(Lead._make, rows))

    def next_batch_ids(self, connection: Connection, count: int) -> range:
        """Go on after the highest id; the transaction holds the only write lock."""
        last = connection.execute(select(func.max(contact_batches.c.id))).scalar() or 0
        return range(last + 1, last + 1 + count)


_SQLITE_LEADS_BETWEEN: Final = _LEADS + " ? AND id BETWEEN ? AND ?"
_SQLITE_LEADS_AMONG: Final = _LEADS + " ? AND id IN (SELECT value FROM json_each(?))"  # noqa: S608 - bound


def _listed(values: Sequence[Any]) -> Any:
    each = func.json_each(json.dumps(values)).table_valued(column("value"))
    return select(each.c.value)


@cache
def _insert_into(table: Table, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


def _sqlite3(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _are_close(ids: Sequence[int]) -> bool:
    """Say whether to read all between the first and the last: twice as fast as one by one.

    Imports give rising ids and plans take them in order, so this is how chunks are.
    """
    return bool(ids) and max(ids) - min(ids) < 2 * len(ids)


def dialect_of(engine: Engine) -> Dialect:
    """Return the ways of the database that ``engine`` is for."""
    return Sqlite() if engine.dialect.name == "sqlite" else Postgres()
