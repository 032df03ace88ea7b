"""Sources, their runs, the pages of each run, and when each host may be asked again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
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
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
    workspace_column,
)

sources: Final = Table(
    "sources",
    metadata,
    id_column(),
    workspace_column(),
    Column("name", BYTEWISE, nullable=False),
    Column("description", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

scrape_runs: Final = Table(
    "scrape_runs",
    metadata,
    id_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", Text, nullable=False),
    words_column("why"),
    count_column("pages"),
    count_column("contacts"),
    count_column("unchanged"),
    count_column("not_read"),
    count_column("fence"),
    count_column("claims"),
    Column("lease_until", Instant),
    Column("worker", Text),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    one_of("state", "running", "stopped", "done", "failed"),
    Index(None, "source_id", "id"),
)
Index(
    "uq_scrape_runs_open",
    scrape_runs.c.source_id,
    unique=True,
    postgresql_where=text("finished_at IS NULL"),
    sqlite_where=text("finished_at IS NULL"),
)

scrape_pages: Final = Table(
    "scrape_pages",
    metadata,
    Column("run_id", ForeignKey("scrape_runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("url", BYTEWISE, nullable=False),
    Column("code", Text),
    words_column("why"),
    count_column("contacts"),
    Column("fetched_at", Instant),
    PrimaryKeyConstraint("run_id", "number"),
    UniqueConstraint("run_id", "url"),
)
Index(
    "ix_scrape_pages_due",
    scrape_pages.c.run_id,
    scrape_pages.c.number,
    postgresql_where=text("code IS NULL"),
    sqlite_where=text("code IS NULL"),
)

page_validators: Final = Table(
    "page_validators",
    metadata,
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("url", BYTEWISE, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("next", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("source_id", "url"),
)

scrape_hosts: Final = Table(
    "scrape_hosts",
    metadata,
    Column("host", BYTEWISE, nullable=False),
    Column("next_at", Instant, nullable=False),
    PrimaryKeyConstraint("host"),
)
