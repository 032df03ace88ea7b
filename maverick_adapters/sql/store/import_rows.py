"""An import's row: read, locked, changed."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, update

from maverick_adapters.sql.store.part import AnyRow
from maverick_adapters.sql.tables import imports
from maverick_core.pipeline.raw_import.rules import (
    Import,
    ImportKind,
    ImportState,
    Reading,
    no_import,
)

_row = imports.c
_PLAIN: Final = (
    "id", "workspace_id", "file_name", "why", "by", "bytes", "received", "digest", "rows", "added",
    "rejected", "repeated", "corrected", "last_row", "read", "claimed_row", "claimed_at",
    "started_at", "finished_at",
)  # fmt: skip


def as_import(row: AnyRow) -> Import:
    """Return the import that a row of the table is."""
    reading = json.loads(row.reading)
    return Import(
        kind=ImportKind(row.kind),
        state=ImportState(row.state),
        reading=Reading(
            reading.get("encoding", ""),
            reading.get("delimiter", ""),
            reading.get("fields", {}),
            tuple(reading.get("variables", ())),
        ),
        updated_at=row.updated_at or row.finished_at or row.started_at,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def locked_import(connection: Connection, import_id: int, *more: ColumnElement[Any]) -> AnyRow:
    """Return the import's row, which nobody changes until the transaction ends, or raise."""
    labelled = (each.label("held") for each in more)
    query = select(imports, *labelled).where(_row.id == import_id).with_for_update(of=imports)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_import(import_id)
    return row


def change_import(connection: Connection, import_id: int, **values: Any) -> None:
    """Change what is said of the import."""
    connection.execute(update(imports).where(_row.id == import_id).values(**values))
