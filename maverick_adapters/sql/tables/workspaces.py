"""Clients, their tokens and their targets."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from maverick_adapters.sql.tables.columns import (
    MONTH,
    Instant,
    id_column,
    metadata,
    one_of,
    words_column,
    workspace_column,
)

workspaces: Final = Table(
    "workspaces",
    metadata,
    id_column(),
    Column("slug", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("campaign_id", BigInteger),
    Column("hold", Text),
    Column("held_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("slug"),
    one_of("hold", "token_missing", "token_refused"),
)

bison_tokens: Final = Table(
    "bison_tokens",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("hint", Text, nullable=False),
    Column("bison_workspace_id", BigInteger, nullable=False),
    Column("bison_workspace_name", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("refused_at", Instant),
    PrimaryKeyConstraint("workspace_id"),
)

monthly_targets: Final = Table(
    "monthly_targets",
    metadata,
    workspace_column(),
    Column("month", MONTH, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_id", "month"),
    CheckConstraint("contacts >= 0", name="contacts"),
)

target_changes: Final = Table(
    "target_changes",
    metadata,
    id_column(),
    workspace_column(),
    Column("month", MONTH, nullable=False),
    Column("before", Integer),
    Column("contacts", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    words_column("reason"),
    Index(None, "workspace_id", "month", "id"),
)
