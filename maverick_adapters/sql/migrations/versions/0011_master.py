"""The master list of every known contact, and what refills took from there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NONE = sa.text("0")
OUTCOMES = "'accepted', 'skipped', 'rejected', 'not_attachable'"
TABLES = (
    "refill_overlaps",
    "refill_mailboxes",
    "refill_runs",
    "master_batches",
    "master_marks",
    "master_contacts",
)


def upgrade() -> None:
    """Add them, empty: the first fill tells the list all that is there."""
    _make_list()
    _make_marks()
    _make_refills()


def downgrade() -> None:
    """Take them away; what was brought stays with the raw contacts."""
    for name in TABLES:
        op.drop_table(name)


def _make_list() -> None:
    op.create_table(
        "master_contacts",
        sa.Column("email", BYTEWISE, nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text())
            for name in ("last_name", "title", "company", "phone", "state", "line_of_business")
        ),
        sa.Column("person_at", INSTANT, nullable=False),
        sa.Column("person_from", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("first_workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("first_origin_kind", sa.Text(), nullable=False),
        sa.Column("first_origin_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("workspaces", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("outcome_at", INSTANT),
        sa.Column("outcome_workspace_id", sa.BigInteger()),
        sa.Column("uploaded_at", INSTANT),
        sa.PrimaryKeyConstraint("email", name="pk_master_contacts"),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name="outcome"),
    )
    never, some = sa.text("uploaded_at IS NULL"), sa.text("uploaded_at IS NOT NULL")
    op.create_index(
        "ix_master_contacts_never_uploaded",
        "master_contacts",
        ["email"],
        postgresql_where=never,
        sqlite_where=never,
    )
    op.create_index(
        "ix_master_contacts_uploaded",
        "master_contacts",
        ["uploaded_at", "email"],
        postgresql_where=some,
        sqlite_where=some,
    )


def _make_marks() -> None:
    op.create_table(
        "master_marks",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("seen_as", sa.Text(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "seen_as", name="pk_master_marks"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_master_marks_workspace_id"
        ),
        sa.CheckConstraint("seen_as IN ('candidate', 'contact')", name="seen_as"),
    )
    op.create_table(
        "master_batches",
        sa.Column("batch_id", ID, nullable=False, autoincrement=False),
        sa.Column("settled", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("not_attachable", sa.Integer(), nullable=False, server_default=NONE),
        sa.PrimaryKeyConstraint("batch_id", name="pk_master_batches"),
    )


def _make_refills() -> None:
    op.create_table(
        "refill_runs",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("brought", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("codes", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("place_uploaded_at", INSTANT),
        sa.Column("place_email", BYTEWISE),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_refill_runs"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_refill_runs_workspace_id"
        ),
    )
    op.create_index("ix_refill_runs_workspace_id_id", "refill_runs", ["workspace_id", "id"])
    op.create_index(
        "uq_refill_runs_open",
        "refill_runs",
        ["workspace_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "refill_mailboxes",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("email", BYTEWISE, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "email", name="pk_refill_mailboxes"),
    )
    op.create_table(
        "refill_overlaps",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_refill_overlaps"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_refill_overlaps_workspace_id"
        ),
    )
