"""The files of imports, in parts, each compressed."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Final

from sqlalchemy import delete, exists, insert, select, update

from maverick_adapters.sql.store.import_rows import as_import, locked_import
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import import_parts, imports
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.raw_import.rules import OVER, ImportState, not_now

_part, _import = import_parts.c, imports.c
_LEVEL: Final = 1  # a list of contacts becomes a third; more would cost more than it saves
PART_BYTES: Final = 1 << 22
"""The longest part: what a reader holds in memory."""


class ImportFilesPart(Part):
    """Satisfies ``ImportFiles``."""

    def add_part(self, import_id: int, start: int, data: bytes) -> int:
        """Append bytes; see ``ImportFiles.add_part``."""
        packed = [
            (start + at, zlib.compress(data[at : at + PART_BYTES], _LEVEL))
            for at in range(0, len(data), PART_BYTES)
        ]
        with self._database.write() as connection:
            row = locked_import(connection, import_id)
            if row.state != ImportState.UPLOADING:
                raise not_now(as_import(row), "added to")
            received: int = row.received
            if start != received or start + len(data) > row.bytes or not data:
                return received
            rows = [{"import_id": import_id, "start": at, "packed": each} for at, each in packed]
            connection.execute(insert(import_parts), rows)
            received += len(data)
            change = {"received": received, "updated_at": self._now()}
            connection.execute(update(imports).where(_import.id == import_id).values(change))
            return received

    def file_is_there(self, import_id: int, digest: str) -> None:
        """Let it be ready; see ``ImportFiles.file_is_there``."""
        ready = {"state": ImportState.READY, "digest": digest, "updated_at": self._now()}
        with self._database.write() as connection:
            row = locked_import(connection, import_id)
            if row.state != ImportState.UPLOADING or row.received != row.bytes:
                raise not_now(as_import(row), "made ready")
            connection.execute(update(imports).where(_import.id == import_id).values(ready))

    def part(self, import_id: int, start: int) -> bytes:
        """Return bytes; see ``ImportFiles.part``."""
        query = (
            select(_part.start, _part.packed)
            .where(_part.import_id == import_id, _part.start <= start)
            .order_by(_part.start.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Missing(
                f"The file of import {import_id} is not kept any more.",
                code="import_file_gone",
                remedy="Import the file again; what is on record already is not added twice.",
            )
        return zlib.decompress(row.packed)[start - row.start :]

    def forget_files(self, *, before: datetime) -> int:
        """Delete files; see ``ImportFiles.forget_files``."""
        kept = exists().where(_part.import_id == _import.id)
        over = select(_import.id).where(
            _import.state.in_(OVER), _import.finished_at <= before, kept
        )
        with self._database.write() as connection:
            ids = list(connection.execute(over).scalars())
            if ids:
                these = self._dialect.among(_part.import_id, ids)
                connection.execute(delete(import_parts).where(these))
        return len(ids)
