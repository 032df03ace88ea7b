"""Keys, the audit log and requests that may come twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")

ON_POSTGRESQL = (
    """
CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'integrity_constraint_violation',
                                                     CONSTRAINT = 'audit_log is append-only';
END $$
""",
    """
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log()
""",
)
ON_SQLITE = tuple(
    f"""
CREATE TRIGGER audit_log_no_{change} BEFORE {change} ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END
"""
    for change in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    """Add all three, and let the database itself refuse what would change the log."""
    _add_keys()
    _add_audit_log()
    op.create_table(
        "idempotency_keys",
        sa.Column("key_id", ID, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_idempotency_keys_key_id"),
        sa.CheckConstraint(
            "(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)",
            name="answer",
        ),
    )
    op.create_index("ix_idempotency_keys_began_at", "idempotency_keys", ["began_at"])


def _add_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("workspace_id", ID),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.Column("last_used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_api_keys_workspace_id"
        ),
        sa.CheckConstraint("role IN ('admin', 'operator', 'viewer', 'client')", name="role"),
        sa.CheckConstraint("role <> 'client' OR workspace_id IS NOT NULL", name="client"),
    )
    op.create_index(
        "uq_api_keys_name",
        "api_keys",
        ["name"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )


def _add_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("request_id", sa.Text(), nullable=False, server_default=EMPTY),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_slug", "audit_log", ["slug", "id"])
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Take all three away again; what was on record there is lost."""
    op.drop_table("idempotency_keys")
    op.drop_table("audit_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_audit_log()")
    op.drop_table("api_keys")
