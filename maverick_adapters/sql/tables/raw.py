"""Contacts as they came, what became of them, and the rules and suppressions behind that.

Raw contacts and verdicts are appended only: a raw contact without a verdict is raw, so that where
each one is follows from keys. ``filter_marks`` says up to which id that is settled, so that no page
has to look for the gap.
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
    words_column,
    workspace_column,
)

raw_contacts: Final = Table(
    "raw_contacts",
    metadata,
    id_column(),
    Column("workspace_id", BigInteger, nullable=False),
    Column("origin_kind", Text, nullable=False),
    Column("origin_id", BigInteger, nullable=False),
    Column("row_number", BigInteger, nullable=False),
    Column("row_token", Text),
    Column("email", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("full_name", Text),
    Column("title", Text),
    Column("company", Text),
    Column("phone", Text),
    Column("state", Text),
    Column("line_of_business", Text),
    Column("notes", Text),
    Column("variables", Text),
    Column("page_url", Text),
    Column("fetched_at", Instant),
    Column("added_at", Instant, nullable=False),
    Index(None, "workspace_id", "id"),
)
# What an import made of a row of its file; what was scraped has no need of it.
Index(
    "ix_raw_contacts_imported",
    raw_contacts.c.origin_id,
    raw_contacts.c.row_number,
    postgresql_where=text("origin_kind = 'csv_import'"),
    sqlite_where=text("origin_kind = 'csv_import'"),
)

filter_verdicts: Final = Table(
    "filter_verdicts",
    metadata,
    Column("raw_contact_id", ID, nullable=False, autoincrement=False),
    Column("code", Text, nullable=False),
    words_column("detail"),
    Column("rules_version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("raw_contact_id"),
)

filter_marks: Final = Table(
    "filter_marks",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("raw_contact_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace_id"),
)

candidates: Final = Table(
    "candidates",
    metadata,
    id_column(),
    Column("workspace_id", BigInteger, nullable=False),
    Column("email", BYTEWISE, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text),
    Column("title", Text),
    Column("company", Text),
    Column("phone", Text),
    Column("state", Text),
    Column("line_of_business", Text),
    Column("notes", Text),
    Column("variables", Text),
    Column("raw_contact_id", BigInteger, nullable=False),
    Column("kept_at", Instant, nullable=False),
    # The e-mail first: the same index tells whether any other workspace has it.
    UniqueConstraint("email", "workspace_id"),
    Index(None, "workspace_id", "id"),
)

rule_sets: Final = Table(
    "rule_sets",
    metadata,
    workspace_column(),
    Column("version", Integer, nullable=False),
    Column("definition", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_id", "version"),
)

suppressions: Final = Table(
    "suppressions",
    metadata,
    id_column(),
    Column("workspace_id", ForeignKey("workspaces.id")),
    Column("kind", Text, nullable=False),
    Column("target", BYTEWISE, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint("target", "kind", "workspace_id"),
    one_of("kind", "email", "domain", "subdomains"),
    one_of("reason", "unsubscribed", "bounced", "complained", "manual"),
)
# No two that hold for all are alike either, where a null would differ from a null.
Index(
    "ix_suppressions_for_all",
    suppressions.c.target,
    suppressions.c.kind,
    unique=True,
    postgresql_where=text("workspace_id IS NULL"),
    sqlite_where=text("workspace_id IS NULL"),
)
