"""Raw contacts, what the filter makes of them, and who must not be written to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
FIELDS = (
    "title",
    "company",
    "phone",
    "state",
    "line_of_business",
    "notes",
    "variables",
)


def upgrade() -> None:
    """Add them, empty; contacts that were imported as verified stay as they are."""
    _make_raw_contacts()
    _make_candidates()
    _make_rule_sets()
    _make_suppressions()


def downgrade() -> None:
    """Take them away with all that they hold."""
    for name in (
        "suppressions",
        "rule_sets",
        "candidates",
        "filter_marks",
        "filter_verdicts",
        "raw_contacts",
    ):
        op.drop_table(name)


def _make_raw_contacts() -> None:
    names = ("email", "first_name", "last_name", "full_name", *FIELDS, "page_url")
    op.create_table(
        "raw_contacts",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("origin_kind", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("row_token", sa.Text()),
        *(sa.Column(name, sa.Text()) for name in names),
        sa.Column("fetched_at", INSTANT),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raw_contacts"),
    )
    op.create_index("ix_raw_contacts_workspace_id_id", "raw_contacts", ["workspace_id", "id"])
    op.create_table(
        "filter_verdicts",
        sa.Column("raw_contact_id", ID, nullable=False, autoincrement=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("raw_contact_id", name="pk_filter_verdicts"),
    )
    op.create_table(
        "filter_marks",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("raw_contact_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_filter_marks"),
        _of_workspace("filter_marks"),
    )


def _make_candidates() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("email", BYTEWISE, nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text()),
        *(sa.Column(name, sa.Text()) for name in FIELDS),
        sa.Column("raw_contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
        sa.UniqueConstraint("email", "workspace_id", name="uq_candidates_email_workspace_id"),
    )
    op.create_index("ix_candidates_workspace_id_id", "candidates", ["workspace_id", "id"])


def _make_rule_sets() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "version", name="pk_rule_sets"),
        _of_workspace("rule_sets"),
    )


def _make_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", ID),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", BYTEWISE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint(
            "target", "kind", "workspace_id", name="uq_suppressions_target_kind_workspace_id"
        ),
        sa.CheckConstraint("kind IN ('email', 'domain', 'subdomains')", name="kind"),
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'bounced', 'complained', 'manual')", name="reason"
        ),
        _of_workspace("suppressions"),
    )
    op.create_index(
        "ix_suppressions_for_all",
        "suppressions",
        ["target", "kind"],
        unique=True,
        postgresql_where=sa.text("workspace_id IS NULL"),
        sqlite_where=sa.text("workspace_id IS NULL"),
    )


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id"
    )
