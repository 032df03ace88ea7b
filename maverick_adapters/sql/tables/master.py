"""Every known contact once over all workspaces, and what refills took from there.

``master_contacts`` follows the tables of workspaces and can be made afresh from them; what refills
brought cannot, and no mailbox is brought to a workspace twice: that is a key.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from maverick_adapters.sql.tables.columns import (
    BYTEWISE,
    ID,
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    workspace_column,
)

master_contacts: Final = Table(
    "master_contacts",
    metadata,
    Column("email", BYTEWISE, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text),
    Column("title", Text),
    Column("company", Text),
    Column("phone", Text),
    Column("state", Text),
    Column("line_of_business", Text),
    Column("person_at", Instant, nullable=False),
    Column("person_from", BigInteger, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("first_workspace_id", BigInteger, nullable=False),
    Column("first_origin_kind", Text, nullable=False),
    Column("first_origin_id", BigInteger, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("workspaces", Integer, nullable=False),
    Column("outcome", Text),
    Column("outcome_at", Instant),
    Column("outcome_workspace_id", BigInteger),
    Column("uploaded_at", Instant),
    PrimaryKeyConstraint("email"),
    one_of("outcome", "accepted", "skipped", "rejected", "not_attachable"),
)
# Refills walk the one and then the other: a null has no place in an order that databases share.
Index(
    "ix_master_contacts_never_uploaded",
    master_contacts.c.email,
    postgresql_where=text("uploaded_at IS NULL"),
    sqlite_where=text("uploaded_at IS NULL"),
)
Index(
    "ix_master_contacts_uploaded",
    master_contacts.c.uploaded_at,
    master_contacts.c.email,
    postgresql_where=text("uploaded_at IS NOT NULL"),
    sqlite_where=text("uploaded_at IS NOT NULL"),
)

master_marks: Final = Table(
    "master_marks",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("seen_as", Text, nullable=False),
    Column("told", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace_id", "seen_as"),
    one_of("seen_as", "candidate", "contact"),
)

master_batches: Final = Table(
    "master_batches",
    metadata,
    Column("batch_id", ID, nullable=False, autoincrement=False),
    count_column("settled"),
    count_column("not_attachable"),
    PrimaryKeyConstraint("batch_id"),
)

refill_runs: Final = Table(
    "refill_runs",
    metadata,
    id_column(),
    workspace_column(),
    Column("by", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("asked", Integer, nullable=False),
    count_column("looked_at"),
    count_column("brought"),
    Column("codes", Text, nullable=False, server_default=text("'{}'")),
    Column("place_uploaded_at", Instant),
    Column("place_email", BYTEWISE),
    Column("finished_at", Instant),
    Index(None, "workspace_id", "id"),
)
Index(
    "uq_refill_runs_open",
    refill_runs.c.workspace_id,
    unique=True,
    postgresql_where=text("finished_at IS NULL"),
    sqlite_where=text("finished_at IS NULL"),
)

refill_mailboxes: Final = Table(
    "refill_mailboxes",
    metadata,
    Column("workspace_id", BigInteger, nullable=False),
    Column("email", BYTEWISE, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace_id", "email"),
)

refill_overlaps: Final = Table(
    "refill_overlaps",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("days", Integer),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_id"),
)
