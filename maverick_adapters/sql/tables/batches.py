"""Batches, their members and chunks, and what was done and decided about them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from maverick_adapters.sql.tables.columns import (
    MONTH,
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
    workspace_column,
)

_RESTED: Final = "CASE WHEN state <> 'uploading' THEN updated_at END"

contact_batches: Final = Table(
    "contact_batches",
    metadata,
    id_column(),
    workspace_column(),
    Column("month", MONTH, nullable=False),
    Column("campaign_id", BigInteger),
    Column("state", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("chunk_size", Integer, nullable=False),
    count_column("accepted"),
    count_column("skipped"),
    count_column("rejected"),
    count_column("not_attachable"),
    count_column("fence"),
    count_column("claims"),
    Column("lease_until", Instant),
    Column("worker", Text),
    words_column("failure_code"),
    words_column("failure_detail"),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # ``updated_at`` moves with every chunk, and an index on it would make each such update write
    # to every index of the table. This one is null meanwhile, and may be sorted by.
    Column("rested_at", Instant, Computed(_RESTED, persisted=True)),
    one_of("state", "ready", "uploading", "uploaded", "failed", "cancelled"),
    CheckConstraint("accepted + skipped + rejected <= contacts", name="outcomes_fit"),
    CheckConstraint(
        "state <> 'uploaded' OR accepted + skipped + rejected = contacts", name="uploaded_is_whole"
    ),
    CheckConstraint("not_attachable <= accepted", name="not_attachable_was_accepted"),
    Index(None, "workspace_id", "month", "id"),
    # A page is read state by state: each of these is walked from the cursor on, and no further.
    Index(None, "state", "created_at", "id"),
    Index(None, "state", "rested_at", "id"),
    Index(None, "state", "contacts", "id"),
    Index(None, "workspace_id", "state", "created_at", "id"),
    Index(None, "month", "state", "created_at", "id"),
)
# Said by what it is not: SQLite would look up what it is in the indexes that begin with the state.
Index(
    "ix_contact_batches_waiting",
    contact_batches.c.id,
    postgresql_where=text("state NOT IN ('uploaded', 'failed', 'cancelled')"),
    sqlite_where=text("state NOT IN ('uploaded', 'failed', 'cancelled')"),
)
Index(
    "ix_contact_batches_claimed_again",
    contact_batches.c.state,
    contact_batches.c.created_at,
    contact_batches.c.id,
    postgresql_where=text("claims > 1"),
    sqlite_where=text("claims > 1"),
)

batch_members: Final = Table(
    "batch_members",
    metadata,
    Column("batch_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("released", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("batch_id", "position"),
)
# SQLite knows a partial index only by the very words of its condition, as SQLAlchemy writes them.
Index(
    "uq_batch_members_contact_id",
    batch_members.c.contact_id,
    unique=True,
    postgresql_where=text("NOT released"),
    sqlite_where=text("released = 0"),
)
# The way of one contact is asked for now and then; the unique index knows its present batch only.
Index(
    "ix_batch_members_released",
    batch_members.c.contact_id,
    postgresql_where=text("released"),
    sqlite_where=text("released = 1"),
)

batch_chunks: Final = Table(
    "batch_chunks",
    metadata,
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'planned'")),
    Column("contacts", Integer, nullable=False),
    count_column("accepted"),
    count_column("skipped"),
    count_column("rejected"),
    count_column("sends"),
    PrimaryKeyConstraint("batch_id", "number"),
    one_of("state", "planned", "sent", "settled", "attached"),
    CheckConstraint("accepted + skipped + rejected <= contacts", name="outcomes_fit"),
    CheckConstraint(
        "state IN ('planned', 'sent') OR accepted + skipped + rejected = contacts",
        name="settled_is_whole",
    ),
)

upload_attempts: Final = Table(
    "upload_attempts",
    metadata,
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    words_column("result"),
    words_column("code"),
    words_column("detail"),
    PrimaryKeyConstraint("batch_id", "fence"),
)

batch_decisions: Final = Table(
    "batch_decisions",
    metadata,
    id_column(),
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    words_column("reason"),
    Column("operation_id", BigInteger),
    Index(None, "batch_id"),
)
