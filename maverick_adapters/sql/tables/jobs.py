"""What workers are to be told, and what became of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from maverick_adapters.sql.tables.columns import (
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
)

outbox: Final = Table(
    "outbox",
    metadata,
    id_column(),
    Column("queue", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("arg", BigInteger, nullable=False),
    Column("dedupe", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("held_until", Instant),
    Column("sent_at", Instant),
    UniqueConstraint("dedupe"),
)
Index(
    "ix_outbox_unsent",
    outbox.c.id,
    postgresql_where=text("sent_at IS NULL"),
    sqlite_where=text("sent_at IS NULL"),
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("message_id", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("arg", BigInteger),
    Column("state", Text, nullable=False),
    Column("worker", Text),
    count_column("attempts"),
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    words_column("code"),
    words_column("detail"),
    PrimaryKeyConstraint("message_id"),
    one_of("state", "queued", "started", "finished", "failed"),
    Index(None, "queued_at"),
)
