"""The contacts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from maverick_adapters.sql.tables.columns import BYTEWISE, Instant, id_column, metadata

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
