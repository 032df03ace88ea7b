"""What every part of the store stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, delete

from maverick_adapters.sql.database import Database
from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.vault import Vault
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.batch import CHUNK_SIZE

AnyRow = Row[*tuple[Any, ...]]


class Part:
    """One capability of the store; the parts share the database, the clock and the vault."""

    def __init__(
        self, engine: Engine, clock: Clock, vault: Vault, *, chunk_size: int = CHUNK_SIZE
    ) -> None:
        """Stand on ``engine``; ``clock`` stamps what is put on record, ``vault`` seals tokens.

        ``chunk_size`` is the leads of one request, kept with each batch as it is planned.
        """
        self._chunk_size = chunk_size
        self._database = Database(engine)
        self._dialect = self._database.dialect
        self._clock = clock
        self._vault = vault

    def _now(self) -> datetime:
        return self._clock.now()


def ids(connection: Connection, statement: Select[tuple[int]]) -> Sequence[int]:
    """Return a column of ids as the driver reads it.

    SQLAlchemy's rows would take longer than the query itself.
    """
    result = connection.execute(statement)
    found = [id_ for (id_,) in result.cursor.fetchall()]
    result.close()
    return found


def replace_rows(
    connection: Connection,
    dialect: Dialect,
    table: Table,
    names: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    *,
    known: Collection[str],
) -> None:
    """Have ``rows`` take the place of those whose keys, without line breaks, are ``known``.

    The first of ``names`` is the key. Deleting and appending is the one way to change thousands
    that is fast on either database; whoever does it holds a turn, or two would append one key.
    """
    if known:
        (key,) = table.primary_key
        connection.execute(delete(table).where(dialect.among_keys(key, known)))
    dialect.append(connection, table, names, rows)
