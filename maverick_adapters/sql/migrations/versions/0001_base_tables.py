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
    _make_workspaces()
    _make_contacts()
    _make_batches()
    _make_members()
    _make_ledger()
    _make_attempts()


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


def _make_workspaces() -> None:
    op.create_table(
        "workspaces",
        _own_id(),
        _required("slug", sa.Text()),
        _required("timezone", sa.Text()),
        _required("batch_size", sa.Integer()),
        sa.Column("campaign_id", sa.BigInteger()),
        sa.Column("hold", sa.Text()),
        sa.Column("held_at", INSTANT),
        _required("created_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("slug", name="uq_workspaces_slug"),
        _check("workspaces", "hold", "hold IN ('token_missing', 'token_refused')"),
    )
    op.create_table(
        "bison_tokens",
        _required("workspace_id", ID),
        _required("key_id", sa.Text()),
        _required("ciphertext", sa.LargeBinary()),
        _required("hint", sa.Text()),
        _required("bison_workspace_id", sa.BigInteger()),
        _required("bison_workspace_name", sa.Text()),
        _required("set_at", INSTANT),
        sa.Column("refused_at", INSTANT),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_bison_tokens"),
        _reference("bison_tokens", "workspace_id", "workspaces.id"),
    )
    op.create_table(
        "monthly_targets",
        _required("workspace_id", ID),
        _required("month", MONTH),
        _required("contacts", sa.Integer()),
        _required("updated_at", INSTANT),
        sa.PrimaryKeyConstraint("workspace_id", "month", name="pk_monthly_targets"),
        _reference("monthly_targets", "workspace_id", "workspaces.id"),
        _check("monthly_targets", "contacts", "contacts >= 0"),
    )


def _make_contacts() -> None:
    op.create_table(
        "imports",
        _own_id(),
        _required("workspace_id", ID),
        _required("file_name", sa.Text()),
        _count("rows"),
        _count("added"),
        _count("rejected"),
        _required("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        _reference("imports", "workspace_id", "workspaces.id"),
        _check(
            "imports", "rows_add_up", "added + rejected = rows AND added >= 0 AND rejected >= 0"
        ),
    )
    op.create_index("ix_imports_workspace_id", "imports", ["workspace_id"])
    op.create_table(
        "contacts",
        _own_id(),
        _required("workspace_id", sa.BigInteger()),
        _required("email", BYTEWISE),
        _required("first_name", sa.Text()),
        sa.Column("last_name", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("variables", sa.Text()),
        _required("import_id", sa.BigInteger()),
        _required("verified_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("workspace_id", "email", name="uq_contacts_workspace_id_email"),
    )
    op.create_index("ix_contacts_workspace_id_id", "contacts", ["workspace_id", "id"])


def _make_batches() -> None:
    states = "'ready', 'uploading', 'uploaded', 'failed', 'cancelled'"
    settled = "accepted + skipped + rejected"
    op.create_table(
        "contact_batches",
        _own_id(),
        _required("workspace_id", ID),
        _required("month", MONTH),
        sa.Column("campaign_id", sa.BigInteger()),
        _required("state", sa.Text()),
        _required("contacts", sa.Integer()),
        _required("chunk_size", sa.Integer()),
        _count("accepted"),
        _count("skipped"),
        _count("rejected"),
        _count("not_attachable"),
        _count("fence"),
        _count("claims"),
        sa.Column("lease_until", INSTANT),
        sa.Column("worker", sa.Text()),
        _words("failure_code"),
        _words("failure_detail"),
        _flag("cancel_requested"),
        _required("created_at", INSTANT),
        _required("updated_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_contact_batches"),
        _reference("contact_batches", "workspace_id", "workspaces.id"),
        _check("contact_batches", "state", f"state IN ({states})"),
        _check("contact_batches", "outcomes_fit", f"{settled} <= contacts"),
        _check(
            "contact_batches",
            "uploaded_is_whole",
            f"state <> 'uploaded' OR {settled} = contacts",
        ),
        _check("contact_batches", "not_attachable_was_accepted", "not_attachable <= accepted"),
    )
    month = ["workspace_id", "month", "id"]
    op.create_index("ix_contact_batches_workspace_id_month_id", "contact_batches", month)
    _partial_index(
        "ix_contact_batches_waiting", "contact_batches", "id", "state IN ('ready', 'uploading')"
    )


def _make_members() -> None:
    settled = "accepted + skipped + rejected"
    op.create_table(
        "batch_members",
        _required("batch_id", sa.BigInteger()),
        _required("position", sa.Integer()),
        _required("contact_id", sa.BigInteger()),
        _flag("released"),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_batch_members"),
    )
    _partial_index(
        "uq_batch_members_contact_id",
        "batch_members",
        "contact_id",
        "NOT released",
        sqlite_where="released = 0",
        unique=True,
    )
    op.create_table(
        "batch_chunks",
        _required("batch_id", ID),
        _required("number", sa.Integer()),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'planned'")),
        _required("contacts", sa.Integer()),
        _count("accepted"),
        _count("skipped"),
        _count("rejected"),
        _count("sends"),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_chunks"),
        _reference("batch_chunks", "batch_id", "contact_batches.id"),
        _check("batch_chunks", "state", "state IN ('planned', 'sent', 'settled', 'attached')"),
        _check("batch_chunks", "outcomes_fit", f"{settled} <= contacts"),
        _check(
            "batch_chunks",
            "settled_is_whole",
            f"state IN ('planned', 'sent') OR {settled} = contacts",
        ),
    )


def _make_ledger() -> None:
    op.create_table(
        "outcomes",
        sa.Column("contact_id", ID, nullable=False, autoincrement=False),
        _required("batch_id", sa.BigInteger()),
        _required("outcome", sa.Text()),
        sa.Column("lead_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        _required("at", INSTANT),
        sa.PrimaryKeyConstraint("contact_id", name="pk_outcomes"),
        _check(
            "outcomes",
            "outcome",
            "outcome IN ('accepted', 'skipped', 'rejected', 'not_attachable')",
        ),
        _check(
            "outcomes",
            "taken_has_lead",
            "(lead_id IS NOT NULL) = (outcome IN ('accepted', 'not_attachable'))",
        ),
    )
    op.create_table(
        "uploads",
        _own_id(),
        _required("batch_id", ID),
        _required("at", INSTANT),
        _required("contacts", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        _reference("uploads", "batch_id", "contact_batches.id"),
    )
    op.create_index("ix_uploads_batch_id", "uploads", ["batch_id"])


def _make_attempts() -> None:
    op.create_table(
        "upload_attempts",
        _required("batch_id", ID),
        _required("fence", sa.Integer()),
        _required("worker", sa.Text()),
        _required("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        _words("result"),
        _words("code"),
        _words("detail"),
        sa.PrimaryKeyConstraint("batch_id", "fence", name="pk_upload_attempts"),
        _reference("upload_attempts", "batch_id", "contact_batches.id"),
    )


def _own_id() -> sa.Column[Any]:
    return sa.Column("id", ID, sa.Identity(always=False), nullable=False)


def _required(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _partial_index(
    name: str,
    table: str,
    column: str,
    where: str,
    *,
    sqlite_where: str | None = None,
    unique: bool = False,
) -> None:
    op.create_index(
        name,
        table,
        [column],
        unique=unique,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(sqlite_where or where),
    )
