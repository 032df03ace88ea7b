"""What is believed of mailboxes and domains, what was asked, and what became of candidates."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from maverick_adapters.sql.tables.columns import (
    BYTEWISE,
    ID,
    Instant,
    id_column,
    metadata,
    one_of,
    workspace_column,
)

_VERDICTS: Final = ("valid", "invalid", "risky", "unknown")

candidate_verdicts: Final = Table(
    "candidate_verdicts",
    metadata,
    Column("candidate_id", ID, nullable=False, autoincrement=False),
    Column("workspace_id", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("mailable", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("candidate_id"),
    one_of("verdict", *_VERDICTS),
)
# Those that may be judged anew are few beside those that became contacts.
Index(
    "ix_candidate_verdicts_not_mailable",
    candidate_verdicts.c.workspace_id,
    postgresql_where=text("NOT mailable"),
    sqlite_where=text("mailable = 0"),
)

verification_marks: Final = Table(
    "verification_marks",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("candidate_id", BigInteger, nullable=False),
    Column("import_id", BigInteger),
    PrimaryKeyConstraint("workspace_id"),
)

verification_policies: Final = Table(
    "verification_policies",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("policy", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_id"),
)

mailbox_findings: Final = Table(
    "mailbox_findings",
    metadata,
    Column("email", BYTEWISE, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("believed_until", Instant, nullable=False),
    PrimaryKeyConstraint("email"),
    one_of("verdict", *_VERDICTS),
)

mail_domains: Final = Table(
    "mail_domains",
    metadata,
    Column("domain", BYTEWISE, nullable=False),
    Column("catch_all", Boolean, nullable=False),
    Column("believed_until", Instant, nullable=False),
    PrimaryKeyConstraint("domain"),
)

verifier_questions: Final = Table(
    "verifier_questions",
    metadata,
    id_column(),
    workspace_column(),
    Column("key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text),
    Column("emails", Text),
    Column("mailboxes", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("answered_at", Instant),
    UniqueConstraint("key"),
)
Index(
    "uq_verifier_questions_open",
    verifier_questions.c.workspace_id,
    unique=True,
    postgresql_where=text("answered_at IS NULL"),
    sqlite_where=text("answered_at IS NULL"),
)

verifier_spending: Final = Table(
    "verifier_spending",
    metadata,
    Column("provider", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("mailboxes", Integer, nullable=False),
    PrimaryKeyConstraint("provider", "day"),
)
