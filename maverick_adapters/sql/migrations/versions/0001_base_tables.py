"""Workspaces, contacts, targets, batches and their outcomes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
MONTH = sa.String(7)


def upgrade() -> None:
    """Make the tables, parents first."""
    make_workspaces()
    make_contacts()
    make_batches()
    make_members()
    make_ledger()
    make_attempts()


def downgrade() -> None:
    """Drop the tables, children first, and all that is in them."""
    for table in (
        "upload_attempts",
        "uploads",
        "outcomes",
        "batch_chunks",
        "batch_members",
        "contact_batches",
        "monthly_targets",
        "contacts",
        "imports",
        "bison_tokens",
        "workspaces",
    ):
        op.drop_table(table)


def make_workspaces() -> None:
    op.create_table(
        "workspaces",
        own_id(),
        required("slug", sa.Text()),
        required("timezone", sa.Text()),
        required("batch_size", sa.Integer()),
        sa.Column("campaign_id", sa.BigInteger()),
        sa.Column("hold", sa.Text()),
        sa.Column("held_at", INSTANT),
        required("created_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("slug", name="uq_workspaces_slug"),
        check("workspaces", "hold", "hold IN ('token_missing', 'token_refused')"),
    )
    op.create_table(
        "bison_tokens",
        required("workspace_id", ID),
        required("key_id", sa.Text()),
        required("ciphertext", sa.LargeBinary()),
        required("hint", sa.Text()),
        required("bison_workspace_id", sa.BigInteger()),
        required("bison_workspace_name", sa.Text()),
        required("set_at", INSTANT),
        sa.Column("refused_at", INSTANT),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_bison_tokens"),
        reference("bison_tokens", "workspace_id", "workspaces.id"),
    )
    op.create_table(
        "monthly_targets",
        required("workspace_id", ID),
        required("month", MONTH),
        required("contacts", sa.Integer()),
        required("updated_at", INSTANT),
        sa.PrimaryKeyConstraint("workspace_id", "month", name="pk_monthly_targets"),
        reference("monthly_targets", "workspace_id", "workspaces.id"),
        check("monthly_targets", "contacts", "contacts >= 0"),
    )


def make_contacts() -> None:
    op.create_table(
        "imports",
        own_id(),
        required("workspace_id", ID),
        required("file_name", sa.Text()),
        count("rows"),
        count("added"),
        count("rejected"),
        required("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        reference("imports", "workspace_id", "workspaces.id"),
        check("imports", "rows_add_up", "added + rejected = rows AND added >= 0 AND rejected >= 0"),
    )
    op.create_index("ix_imports_workspace_id", "imports", ["workspace_id"])
    op.create_table(
        "contacts",
        own_id(),
        required("workspace_id", sa.BigInteger()),
        required("email", BYTEWISE),
        required("first_name", sa.Text()),
        sa.Column("last_name", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("variables", sa.Text()),
        required("import_id", sa.BigInteger()),
        required("verified_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("workspace_id", "email", name="uq_contacts_workspace_id_email"),
    )
    op.create_index("ix_contacts_workspace_id_id", "contacts", ["workspace_id", "id"])


def make_batches() -> None:
    states = "'ready', 'uploading', 'uploaded', 'failed', 'cancelled'"
    settled = "accepted + skipped + rejected"
    op.create_table(
        "contact_batches",
        own_id(),
        required("workspace_id", ID),
        required("month", MONTH),
        sa.Column("campaign_id", sa.BigInteger()),
        required("state", sa.Text()),
        required("contacts", sa.Integer()),
        required("chunk_size", sa.Integer()),
        count("accepted"),
        count("skipped"),
        count("rejected"),
        count("not_attachable"),
        count("fence"),
        count("claims"),
        sa.Column("lease_until", INSTANT),
        sa.Column("worker", sa.Text()),
        words("failure_code"),
        words("failure_detail"),
        flag("cancel_requested"),
        required("created_at", INSTANT),
        required("updated_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_contact_batches"),
        reference("contact_batches", "workspace_id", "workspaces.id"),
        check("contact_batches", "state", f"state IN ({states})"),
        check("contact_batches", "outcomes_fit", f"{settled} <= contacts"),
        check(
            "contact_batches",
            "uploaded_is_whole",
            f"state <> 'uploaded' OR {settled} = contacts",
        ),
        check("contact_batches", "not_attachable_was_accepted", "not_attachable <= accepted"),
    )
    month = ["workspace_id", "month", "id"]
    op.create_index("ix_contact_batches_workspace_id_month_id", "contact_batches", month)
    partial_index(
        "ix_contact_batches_waiting", "contact_batches", "id", "state IN ('ready', 'uploading')"
    )


def make_members() -> None:
    settled = "accepted + skipped + rejected"
    op.create_table(
        "batch_members",
        required("batch_id", sa.BigInteger()),
        required("position", sa.Integer()),
        required("contact_id", sa.BigInteger()),
        flag("released"),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_batch_members"),
    )
    partial_index(
        "uq_batch_members_contact_id", "batch_members", "contact_id", "NOT released", unique=True
    )
    op.create_table(
        "batch_chunks",
        required("batch_id", ID),
        required("number", sa.Integer()),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'planned'")),
        required("contacts", sa.Integer()),
        count("accepted"),
        count("skipped"),
        count("rejected"),
        count("sends"),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_chunks"),
        reference("batch_chunks", "batch_id", "contact_batches.id"),
        check("batch_chunks", "state", "state IN ('planned', 'sent', 'settled', 'attached')"),
        check("batch_chunks", "outcomes_fit", f"{settled} <= contacts"),
        check(
            "batch_chunks",
            "settled_is_whole",
            f"state IN ('planned', 'sent') OR {settled} = contacts",
        ),
    )


def make_ledger() -> None:
    op.create_table(
        "outcomes",
        sa.Column("contact_id", ID, nullable=False, autoincrement=False),
        required("batch_id", sa.BigInteger()),
        required("outcome", sa.Text()),
        sa.Column("lead_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        required("at", INSTANT),
        sa.PrimaryKeyConstraint("contact_id", name="pk_outcomes"),
        check(
            "outcomes",
            "outcome",
            "outcome IN ('accepted', 'skipped', 'rejected', 'not_attachable')",
        ),
        check(
            "outcomes",
            "taken_has_lead",
            "(lead_id IS NOT NULL) = (outcome IN ('accepted', 'not_attachable'))",
        ),
    )
    op.create_table(
        "uploads",
        own_id(),
        required("batch_id", ID),
        required("at", INSTANT),
        required("contacts", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        reference("uploads", "batch_id", "contact_batches.id"),
    )
    op.create_index("ix_uploads_batch_id", "uploads", ["batch_id"])


def make_attempts() -> None:
    op.create_table(
        "upload_attempts",
        required("batch_id", ID),
        required("fence", sa.Integer()),
        required("worker", sa.Text()),
        required("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        words("result"),
        words("code"),
        words("detail"),
        sa.PrimaryKeyConstraint("batch_id", "fence", name="pk_upload_attempts"),
        reference("upload_attempts", "batch_id", "contact_batches.id"),
    )


def own_id() -> sa.Column[Any]:
    return sa.Column("id", ID, sa.Identity(always=False), nullable=False)


def required(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))


def words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))


def flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def partial_index(name: str, table: str, column: str, where: str, *, unique: bool = False) -> None:
    rule = sa.text(where)
    op.create_index(name, table, [column], unique=unique, postgresql_where=rule, sqlite_where=rule)
