"""Where contacts came from: files, how far each is imported, and what was rejected of it.

A file is kept in parts beside its import, compressed, so that every worker can read what any
process took, and an import's bytes and its record are saved and lost together. Rejected rows are
kept by number only: their cells are read again out of the file when somebody asks for them, which
takes two seconds a million rows, where a second copy of all cells would double what is written.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from maverick_adapters.sql.tables.columns import (
    ID,
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
    workspace_column,
)

imports: Final = Table(
    "imports",
    metadata,
    id_column(),
    workspace_column(),
    Column("file_name", Text, nullable=False),
    count_column("rows"),
    count_column("added"),
    count_column("rejected"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("kind", Text, nullable=False, server_default=text("'verified'")),
    Column("state", Text, nullable=False, server_default=text("'running'")),
    words_column("why"),
    words_column("by"),
    words_column("digest"),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("received", BigInteger, nullable=False, server_default=text("0")),
    Column("reading", Text, nullable=False, server_default=text("'{}'")),
    count_column("repeated"),
    count_column("corrected"),
    count_column("last_row"),
    count_column("claimed_row"),
    count_column("fence"),
    count_column("claims"),
    Column("read", Float, nullable=False, server_default=text("0")),
    Column("claimed_at", Instant),
    Column("updated_at", Instant),
    Column("lease_until", Instant),
    Column("worker", Text),
    CheckConstraint("added + rejected = rows AND added >= 0 AND rejected >= 0", name="rows_add_up"),
    one_of("kind", "verified", "raw"),
    one_of("state", "uploading", "ready", "running", "done", "failed", "cancelled"),
    Index(None, "workspace_id"),
)

import_parts: Final = Table(
    "import_parts",
    metadata,
    Column("import_id", ForeignKey("imports.id"), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("import_id", "start"),
)

import_rejects: Final = Table(
    "import_rejects",
    metadata,
    Column("import_id", ID, nullable=False, autoincrement=False),
    Column("row_number", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    words_column("detail"),
    PrimaryKeyConstraint("import_id", "row_number"),
)

import_corrections: Final = Table(
    "import_corrections",
    metadata,
    Column("import_id", ID, nullable=False, autoincrement=False),
    Column("row_number", BigInteger, nullable=False),
    Column("by_import_id", BigInteger, nullable=False),
    Column("by_row_number", BigInteger, nullable=False),
    PrimaryKeyConstraint("import_id", "row_number"),
    Index(None, "by_import_id"),
)
