"""The three ways the store meets the database: write, read, read several things of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from maverick_adapters.sql.dialects import dialect_of
from maverick_adapters.sql.errors import translated


class Database:
    """Hands out connections. In each block the drivers' errors become the core's."""

    def __init__(self, engine: Engine) -> None:
        """Stand on ``engine``; nothing is opened yet."""
        self.dialect = dialect_of(engine)
        self._url = engine.url
        self._turn = self.dialect.turn()
        self._writing = engine
        self._reading = engine.execution_options(**self.dialect.reading)
        self._still = engine.execution_options(**self.dialect.snapshot)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction; a clean exit commits, an exception leaves nothing behind.

        One inside another of the same thread would wait for itself.
        """
        with self._turn, translated(self._url), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection whose statements each see what was last committed."""
        with translated(self._url), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a connection whose statements all see the same moment."""
        with translated(self._url), self._still.begin() as connection:
            yield connection
