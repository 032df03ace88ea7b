"""Operations, the history of targets, and indexes for pages of batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
NONE = sa.text("0")

PAGES = {
    "ix_contact_batches_state_created_at_id": ["state", "created_at", "id"],
    "ix_contact_batches_state_rested_at_id": ["state", "rested_at", "id"],
    "ix_contact_batches_state_contacts_id": ["state", "contacts", "id"],
    "ix_contact_batches_workspace_id_state_created_at_id": [
        "workspace_id",
        "state",
        "created_at",
        "id",
    ],
    "ix_contact_batches_month_state_created_at_id": ["month", "state", "created_at", "id"],
}
RESTED = "CASE WHEN state <> 'uploading' THEN updated_at END"
WAITS = "state IN ('ready', 'uploading')"
# SQLite would look up what is said by equality in the new indexes, and sort what it finds.
NOT_OVER = "state NOT IN ('uploaded', 'failed', 'cancelled')"
CLAIMED_AGAIN = sa.text("claims > 1")


def upgrade() -> None:
    """Add the tables and the indexes; targets that are set already have no history."""
    op.create_table(
        "target_changes",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("before", sa.Integer()),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=EMPTY),
        sa.PrimaryKeyConstraint("id", name="pk_target_changes"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_target_changes_workspace_id"
        ),
    )
    op.create_index(
        "ix_target_changes_workspace_id_month_id", "target_changes", ["workspace_id", "month", "id"]
    )
    _create_operations()
    op.add_column("batch_decisions", sa.Column("operation_id", sa.BigInteger()))
    # SQLite adds no stored column to a table that is there, PostgreSQL 15 knows no other kind.
    stored = op.get_bind().dialect.name == "postgresql"
    rested = sa.Computed(RESTED, persisted=stored)
    op.add_column("contact_batches", sa.Column("rested_at", INSTANT, rested))
    for name, columns in PAGES.items():
        op.create_index(name, "contact_batches", columns)
    _replace_waiting(NOT_OVER)
    op.create_index(
        "ix_contact_batches_claimed_again",
        "contact_batches",
        ["state", "created_at", "id"],
        postgresql_where=CLAIMED_AGAIN,
        sqlite_where=CLAIMED_AGAIN,
    )


def _replace_waiting(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("ix_contact_batches_waiting", "contact_batches")
    op.create_index(
        "ix_contact_batches_waiting",
        "contact_batches",
        ["id"],
        postgresql_where=where,
        sqlite_where=where,
    )


def _create_operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("workspace_id", ID),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("total", sa.Integer()),
        sa.Column("fence", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("claims", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("lease_until", INSTANT),
        sa.Column("worker", sa.Text()),
        sa.Column("result", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("code", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("detail", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("remedy", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_operations_workspace_id"
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed')", name="state"),
        sa.CheckConstraint(
            "kind IN ('plan_batches', 'requeue_batches', 'run_source', 'filter', 'verify',"
            " 'verify_again', 'fill_master', 'refill_workspace')",
            name="kind",
        ),
    )
    op.create_index("ix_operations_workspace_id_id", "operations", ["workspace_id", "id"])
    waiting = sa.text("state IN ('queued', 'running')")
    op.create_index(
        "ix_operations_waiting",
        "operations",
        ["id"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def downgrade() -> None:
    """Take them away again; operations and who changed which target are lost."""
    _replace_waiting(WAITS)
    op.drop_index("ix_contact_batches_claimed_again", "contact_batches")
    for name in PAGES:
        op.drop_index(name, "contact_batches")
    op.drop_column("contact_batches", "rested_at")
    op.drop_column("batch_decisions", "operation_id")
    op.drop_table("operations")
    op.drop_table("target_changes")
