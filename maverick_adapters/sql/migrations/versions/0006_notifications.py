"""Incidents, and what is to be told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
NONE = sa.text("0")


def upgrade() -> None:
    """Add the table; what failed before it came is not told any more."""
    op.create_table(
        "notifications",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'pending'")),
        sa.Column("fence", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("claims", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("limits", sa.Integer(), nullable=False, server_default=NONE),
        sa.Column("lease_until", INSTANT),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("posted_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("reference", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("code", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("detail", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("resent_by", sa.Text(), nullable=False, server_default=EMPTY),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_notifications_workspace_id"
        ),
        sa.UniqueConstraint("key", name="uq_notifications_key"),
        sa.CheckConstraint(
            "kind IN ('batch_failed', 'token_refused', 'token_good_again')",
            name="kind",
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'in_doubt')",
            name="state",
        ),
    )
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["id"],
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
    )


def downgrade() -> None:
    """Take it away again, and with it what was told."""
    op.drop_table("notifications")
