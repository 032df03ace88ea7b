"""A list of disposable domains that is refreshed, with its journal, and who asks for that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NONE = sa.text("0")
KINDS = (
    "'plan_batches', 'requeue_batches', 'run_source', 'filter', 'verify', 'verify_again',"
    " 'fill_master', 'refill_workspace'"
)


def upgrade() -> None:
    """Add them, empty: until the first refresh only the packaged list counts."""
    for name in ("disposable_domains", "disposable_allowed"):
        op.create_table(
            name,
            sa.Column("domain", BYTEWISE, nullable=False),
            sa.PrimaryKeyConstraint("domain", name=f"pk_{name}"),
        )
    op.create_table(
        "disposable_journal",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=NONE)
            for name in ("domains", "added", "removed")
        ),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_disposable_journal"),
        sa.CheckConstraint(
            "event IN ('replaced', 'unchanged', 'refused', 'allowed', 'not_allowed')",
            name="event",
        ),
    )
    _allow_kinds(f"{KINDS}, 'refresh_disposable'")


def downgrade() -> None:
    """Take them away; operations that asked for a refresh go with them."""
    op.execute("DELETE FROM operations WHERE kind = 'refresh_disposable'")
    _allow_kinds(KINDS)
    for name in ("disposable_journal", "disposable_allowed", "disposable_domains"):
        op.drop_table(name)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("operations") as table:
        table.drop_constraint("kind", type_="check")
        table.create_check_constraint("kind", f"kind IN ({kinds})")
