"""Long work that people asked for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from maverick_adapters.sql.tables.columns import (
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
)
from maverick_core.operations.rules import OperationKind

operations: Final = Table(
    "operations",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("workspace_id", ForeignKey("workspaces.id")),
    Column("arguments", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("state", Text, nullable=False),
    count_column("done"),
    Column("total", Integer),
    count_column("fence"),
    count_column("claims"),
    Column("lease_until", Instant),
    Column("worker", Text),
    words_column("result"),
    words_column("code"),
    words_column("detail"),
    words_column("remedy"),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("finished_at", Instant),
    one_of("state", "queued", "running", "succeeded", "failed"),
    one_of("kind", *OperationKind),
    Index(None, "workspace_id", "id"),
)
Index(
    "ix_operations_waiting",
    operations.c.id,
    postgresql_where=text("state IN ('queued', 'running')"),
    sqlite_where=text("state IN ('queued', 'running')"),
)
