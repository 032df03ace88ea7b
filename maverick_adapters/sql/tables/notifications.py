"""Incidents, and how far people have been told of each."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint, text

from maverick_adapters.sql.tables.columns import (
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
    workspace_column,
)

notifications: Final = Table(
    "notifications",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    workspace_column(),
    Column("batch_id", BigInteger),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    count_column("fence"),
    count_column("claims"),
    count_column("limits"),
    Column("lease_until", Instant),
    Column("due_at", Instant, nullable=False),
    Column("posted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    words_column("reference"),
    words_column("code"),
    words_column("detail"),
    words_column("resent_by"),
    UniqueConstraint("key"),
    one_of("kind", "batch_failed", "token_refused", "token_good_again"),
    one_of("state", "pending", "sending", "sent", "failed", "in_doubt"),
)
Index(
    "ix_notifications_waiting",
    notifications.c.id,
    postgresql_where=text("state IN ('pending', 'sending')"),
    sqlite_where=text("state IN ('pending', 'sending')"),
)
