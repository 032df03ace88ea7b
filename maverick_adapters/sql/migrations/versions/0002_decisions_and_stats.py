"""What people decided about batches, and a month's figures under the name the seeds give them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# A view and not a table: read in the instant it is asked for, it cannot disagree with the batches.
STATS = """
CREATE VIEW pipeline_stats_cache AS
SELECT workspace_id,
       month,
       SUM(accepted) AS uploaded,
       SUM(CASE WHEN state IN ('ready', 'uploading', 'failed')
                THEN contacts - accepted - skipped - rejected ELSE 0 END) AS reserved,
       SUM(skipped) AS skipped,
       SUM(rejected) AS rejected,
       SUM(not_attachable) AS not_attachable
  FROM contact_batches
 GROUP BY workspace_id, month
"""


def upgrade() -> None:
    """Add the decisions, the way back to released members, and the view."""
    op.create_table(
        "batch_decisions",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_batch_decisions"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["contact_batches.id"], name="fk_batch_decisions_batch_id"
        ),
    )
    op.create_index("ix_batch_decisions_batch_id", "batch_decisions", ["batch_id"])
    op.create_index(
        "ix_batch_members_released",
        "batch_members",
        ["contact_id"],
        postgresql_where=sa.text("released"),
        sqlite_where=sa.text("released = 1"),
    )
    op.execute(STATS)


def downgrade() -> None:
    """Take them away again; the decisions are lost."""
    op.execute("DROP VIEW pipeline_stats_cache")
    op.drop_index("ix_batch_members_released", "batch_members")
    op.drop_table("batch_decisions")
