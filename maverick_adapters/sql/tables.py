"""The tables, as the migrations make them; a test holds the two to each other.

Three shapes carry the load. ``contacts`` is wide and never updated on the hot path. ``outcomes`` is
narrow and only appended to: it *is* the ledger, and its key is what counts a contact once.
``batch_chunks`` says in one row what is in doubt, where ``batch_members`` would need 500.

The big tables have no foreign keys: each row of an insert would look up and lock its parent. What
foreign keys would promise is promised by the transactions that write them. Every sum has a check
beside it, so that no transaction can commit figures that do not add up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
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
_Id = BigInteger().with_variant(Integer(), "sqlite")
# Compared byte by byte: what is equal and what comes first must not depend on a server's locale.
_Bytewise = Text(collation="C").with_variant(Text(), "sqlite")
_Month = String(7)


def _id() -> Column[int]:
    return Column("id", _Id, Identity(always=False), primary_key=True)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


def _workspace() -> Column[int]:
    return Column("workspace_id", ForeignKey("workspaces.id"), nullable=False)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


workspaces: Final = Table(
    "workspaces",
    metadata,
    _id(),
    Column("slug", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("campaign_id", BigInteger),
    Column("hold", Text),
    Column("held_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("slug"),
    _one_of("hold", "token_missing", "token_refused"),
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

imports: Final = Table(
    "imports",
    metadata,
    _id(),
    _workspace(),
    Column("file_name", Text, nullable=False),
    _count("rows"),
    _count("added"),
    _count("rejected"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("added + rejected = rows AND added >= 0 AND rejected >= 0", name="rows_add_up"),
    Index(None, "workspace_id"),
)

contacts: Final = Table(
    "contacts",
    metadata,
    _id(),
    Column("workspace_id", BigInteger, nullable=False),
    Column("email", _Bytewise, nullable=False),
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

monthly_targets: Final = Table(
    "monthly_targets",
    metadata,
    _workspace(),
    Column("month", _Month, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_id", "month"),
    CheckConstraint("contacts >= 0", name="contacts"),
)

contact_batches: Final = Table(
    "contact_batches",
    metadata,
    _id(),
    _workspace(),
    Column("month", _Month, nullable=False),
    Column("campaign_id", BigInteger),
    Column("state", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("chunk_size", Integer, nullable=False),
    _count("accepted"),
    _count("skipped"),
    _count("rejected"),
    _count("not_attachable"),
    _count("fence"),
    _count("claims"),
    Column("lease_until", Instant),
    Column("worker", Text),
    _words("failure_code"),
    _words("failure_detail"),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    _one_of("state", "ready", "uploading", "uploaded", "failed", "cancelled"),
    CheckConstraint("accepted + skipped + rejected <= contacts", name="outcomes_fit"),
    CheckConstraint(
        "state <> 'uploaded' OR accepted + skipped + rejected = contacts", name="uploaded_is_whole"
    ),
    CheckConstraint("not_attachable <= accepted", name="not_attachable_was_accepted"),
    Index(None, "workspace_id", "month", "id"),
)
Index(
    "ix_contact_batches_waiting",
    contact_batches.c.id,
    postgresql_where=text("state IN ('ready', 'uploading')"),
    sqlite_where=text("state IN ('ready', 'uploading')"),
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
    _count("accepted"),
    _count("skipped"),
    _count("rejected"),
    _count("sends"),
    PrimaryKeyConstraint("batch_id", "number"),
    _one_of("state", "planned", "sent", "settled", "attached"),
    CheckConstraint("accepted + skipped + rejected <= contacts", name="outcomes_fit"),
    CheckConstraint(
        "state IN ('planned', 'sent') OR accepted + skipped + rejected = contacts",
        name="settled_is_whole",
    ),
)

outcomes: Final = Table(
    "outcomes",
    metadata,
    Column("contact_id", _Id, nullable=False, autoincrement=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("lead_id", BigInteger),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("contact_id"),
    _one_of("outcome", "accepted", "skipped", "rejected", "not_attachable"),
    CheckConstraint(
        "(lead_id IS NOT NULL) = (outcome IN ('accepted', 'not_attachable'))", name="taken_has_lead"
    ),
)

uploads: Final = Table(
    "uploads",
    metadata,
    _id(),
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("contacts", Integer, nullable=False),
    Index(None, "batch_id"),
)

upload_attempts: Final = Table(
    "upload_attempts",
    metadata,
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    _words("result"),
    _words("code"),
    _words("detail"),
    PrimaryKeyConstraint("batch_id", "fence"),
)

batch_decisions: Final = Table(
    "batch_decisions",
    metadata,
    _id(),
    Column("batch_id", ForeignKey("contact_batches.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _words("reason"),
    Index(None, "batch_id"),
)

outbox: Final = Table(
    "outbox",
    metadata,
    _id(),
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
    _count("attempts"),
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    _words("code"),
    _words("detail"),
    PrimaryKeyConstraint("message_id"),
    _one_of("state", "queued", "started", "finished", "failed"),
    Index(None, "queued_at"),
)
