"""The kinds of columns that the tables are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    Integer,
    Interval,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """An instant: aware and in UTC in Python, whatever the database or its session make of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's signature
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's signature
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[Any]:  # noqa: D102 - SQLAlchemy's signature
        return (
            Interval() if isinstance(value, timedelta) else super().coerce_compared_value(op, value)
        )


@compiles(Computed, "sqlite")
def _virtual_on_sqlite(computed: Computed, compiler: DDLCompiler, **_options: object) -> str:
    """Compute it when it is read: SQLite adds no stored column to a table that is there."""
    words = compiler.sql_compiler.process(computed.sqltext, include_table=False, literal_binds=True)
    return f"GENERATED ALWAYS AS ({words}) VIRTUAL"


metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is spelt INTEGER.
ID = BigInteger().with_variant(Integer(), "sqlite")
# Compared byte by byte: what is equal and what comes first must not depend on a server's locale.
BYTEWISE = Text(collation="C").with_variant(Text(), "sqlite")
MONTH = String(7)


def id_column() -> Column[int]:
    """Return a number that the database gives out: the row's key."""
    return Column("id", ID, Identity(always=False), primary_key=True)


def count_column(name: str) -> Column[int]:
    """Return a count, from 0."""
    return Column(name, Integer, nullable=False, server_default=text("0"))


def words_column(name: str) -> Column[str]:
    """Return a text that may be empty and is never null."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def workspace_column() -> Column[int]:
    """Return the column that says whose row it is."""
    return Column("workspace_id", ForeignKey("workspaces.id"), nullable=False)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Allow ``column`` these values only."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
