"""Imports that any worker carries out: their files, how far they are, what was rejected."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
NONE = sa.text("0")
IMPORTED = sa.text("origin_kind = 'csv_import'")
COUNTS = ("repeated", "corrected", "last_row", "claimed_row", "fence", "claims")
WORDS = ("why", "by", "digest")


def upgrade() -> None:
    """Add them; imports of today are of verified lists, and those that came to an end are done."""
    with op.batch_alter_table("imports") as table:
        for column in _columns():
            table.add_column(column)
        table.create_check_constraint("kind", "kind IN ('verified', 'raw')")
        table.create_check_constraint(
            "state", "state IN ('uploading', 'ready', 'running', 'done', 'failed', 'cancelled')"
        )
    op.execute("UPDATE imports SET state = 'done' WHERE finished_at IS NOT NULL")
    op.create_index(
        "ix_raw_contacts_imported",
        "raw_contacts",
        ["origin_id", "row_number"],
        postgresql_where=IMPORTED,
        sqlite_where=IMPORTED,
    )
    _make_tables()


def downgrade() -> None:
    """Take them away; what was imported stays."""
    for name in ("import_corrections", "import_rejects", "import_parts"):
        op.drop_table(name)
    op.drop_index("ix_raw_contacts_imported", "raw_contacts")
    with op.batch_alter_table("imports") as table:
        for name in ("kind", "state"):
            table.drop_constraint(name, type_="check")
        for column in _columns():
            table.drop_column(column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("'verified'")),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'running'")),
        *(sa.Column(name, sa.Text(), nullable=False, server_default=EMPTY) for name in WORDS),
        sa.Column("bytes", sa.BigInteger(), nullable=False, server_default=NONE),
        sa.Column("received", sa.BigInteger(), nullable=False, server_default=NONE),
        sa.Column("reading", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default=NONE) for name in COUNTS),
        sa.Column("read", sa.Float(), nullable=False, server_default=NONE),
        sa.Column("claimed_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("lease_until", INSTANT),
        sa.Column("worker", sa.Text()),
    ]


def _make_tables() -> None:
    op.create_table(
        "import_parts",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "start", name="pk_import_parts"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_parts_import_id"),
    )
    op.create_table(
        "import_rejects",
        sa.Column("import_id", ID, nullable=False, autoincrement=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=EMPTY),
        sa.PrimaryKeyConstraint("import_id", "row_number", name="pk_import_rejects"),
    )
    op.create_table(
        "import_corrections",
        sa.Column("import_id", ID, nullable=False, autoincrement=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("by_import_id", sa.BigInteger(), nullable=False),
        sa.Column("by_row_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", name="pk_import_corrections"),
    )
    op.create_index("ix_import_corrections_by_import_id", "import_corrections", ["by_import_id"])
