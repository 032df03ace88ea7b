"""Where contacts came from, and the contacts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, UniqueConstraint

from maverick_adapters.sql.tables.columns import (
    BYTEWISE,
    Instant,
    count_column,
    id_column,
    metadata,
    workspace_column,
)

imports: Final = Table(
    "imports",
    metadata,
    id_column(),
    workspace_column(),
    Column("file_name", Text, nullable=False),
    count_column("rows"),
    count_column("added"),
    count_column("rejected"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("added + rejected = rows AND added >= 0 AND rejected >= 0", name="rows_add_up"),
    Index(None, "workspace_id"),
)

contacts: Final = Table(
    "contacts",
    metadata,
    id_column(),
    Column("workspace_id", BigInteger, nullable=False),
    Column("email", BYTEWISE, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text),
    Column("title", Text),
    Column("company", Text),
    Column("notes", Text),
    Column("variables", Text),
    Column("import_id", BigInteger, nullable=False),
    Column("verified_at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "email"),
    Index(None, "workspace_id", "id"),
)
