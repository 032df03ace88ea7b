"""Who may ask for what, who did what, and what was answered."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from maverick_adapters.sql.tables.columns import (
    Instant,
    id_column,
    metadata,
    one_of,
    words_column,
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("workspace_id", ForeignKey("workspaces.id")),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    UniqueConstraint("digest"),
    one_of("role", "admin", "operator", "viewer", "client"),
    CheckConstraint("role <> 'client' OR workspace_id IS NOT NULL", name="client"),
)
# A name is given again once its key is revoked.
Index(
    "uq_api_keys_name",
    api_keys.c.name,
    unique=True,
    postgresql_where=text("revoked_at IS NULL"),
    sqlite_where=text("revoked_at IS NULL"),
)

audit_log: Final = Table(
    "audit_log",
    metadata,
    id_column(),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("slug", Text),
    Column("subject", Text, nullable=False),
    Column("result", Text, nullable=False),
    words_column("detail"),
    words_column("request_id"),
    Index("ix_audit_log_slug", "slug", "id"),
)

# Append-only, and by the database itself: whoever gets hold of the application cannot cover up.
_APPEND_ONLY: Final = {
    "postgresql": (
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
    ),
    "sqlite": tuple(
        f"""
CREATE TRIGGER audit_log_no_{change} BEFORE {change} ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END
"""
        for change in ("UPDATE", "DELETE")
    ),
}
for _dialect, _statements in _APPEND_ONLY.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(audit_log, "after_create", _ddl.execute_if(dialect=_dialect))

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    Column("key_id", ForeignKey("api_keys.id"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("key_id", "idempotency_key"),
    CheckConstraint(
        "(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)",
        name="answer",
    ),
    Index(None, "began_at"),
)
