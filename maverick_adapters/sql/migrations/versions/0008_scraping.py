"""Sources, their runs, the pages of each run, and when each host may be asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
NONE = sa.text("0")
COUNTS = ("pages", "contacts", "unchanged", "not_read", "fence", "claims")


def upgrade() -> None:
    """Add them, empty."""
    _make_sources()
    _make_runs()
    _make_pages()


def downgrade() -> None:
    """Take them away; what was scraped stays with the raw contacts."""
    for name in ("scrape_hosts", "page_validators", "scrape_pages", "scrape_runs", "sources"):
        op.drop_table(name)


def _make_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", BYTEWISE, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_sources_workspace_id"
        ),
        sa.UniqueConstraint("workspace_id", "name", name="uq_sources_workspace_id_name"),
    )


def _make_runs() -> None:
    op.create_table(
        "scrape_runs",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=EMPTY),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default=NONE) for name in COUNTS),
        sa.Column("lease_until", INSTANT),
        sa.Column("worker", sa.Text()),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_scrape_runs"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_scrape_runs_source_id"),
        sa.CheckConstraint("state IN ('running', 'stopped', 'done', 'failed')", name="state"),
    )
    op.create_index("ix_scrape_runs_source_id_id", "scrape_runs", ["source_id", "id"])
    op.create_index(
        "uq_scrape_runs_open",
        "scrape_runs",
        ["source_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )


def _make_pages() -> None:
    op.create_table(
        "scrape_pages",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", BYTEWISE, nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("contacts", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("fetched_at", INSTANT),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_scrape_pages"),
        sa.ForeignKeyConstraint(["run_id"], ["scrape_runs.id"], name="fk_scrape_pages_run_id"),
        sa.UniqueConstraint("run_id", "url", name="uq_scrape_pages_run_id_url"),
    )
    op.create_index(
        "ix_scrape_pages_due",
        "scrape_pages",
        ["run_id", "number"],
        postgresql_where=sa.text("code IS NULL"),
        sqlite_where=sa.text("code IS NULL"),
    )
    op.create_table(
        "page_validators",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", BYTEWISE, nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "url", name="pk_page_validators"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_page_validators_source_id"),
    )
    op.create_table(
        "scrape_hosts",
        sa.Column("host", BYTEWISE, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_scrape_hosts"),
    )
