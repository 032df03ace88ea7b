"""What became of each contact, and when how many were counted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from maverick_adapters.sql.tables.columns import ID, Instant, id_column, metadata, one_of

outcomes: Final = Table(
    "outcomes",
    metadata,
    Column("contact_id", ID, nullable=False, autoincrement=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("lead_id", BigInteger),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("contact_id"),
    one_of("outcome", "accepted", "skipped", "rejected", "not_attachable"),
    CheckConstraint(
        "(lead_id IS NOT NULL) = (outcome IN ('accepted', 'not_attachable'))", name="taken_has_lead"
    ),
)

uploads: Final = Table(
    "uploads",
    metadata,
    id_column(),
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("contacts", Integer, nullable=False),
    Index(None, "batch_id"),
)
