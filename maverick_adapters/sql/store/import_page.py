"""One page of an import, and what became of it, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.import_rows import change_import
from maverick_adapters.sql.store.raw import append_raw
from maverick_adapters.sql.store.row_fates import last_rows, open_rows
from maverick_adapters.sql.tables import import_corrections, import_rejects, imports
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.raw_import.ports import PageDone
from maverick_core.pipeline.raw_import.rules import (
    ImportClaim,
    RowName,
    Standing,
    parse_row_token,
)

_row = imports.c


class SqlImportPage:
    """One page of an import, in an open transaction that holds the workspace's turn."""

    def __init__(self, connection: Connection, dialect: Dialect, claim: ImportClaim) -> None:
        """Write to ``connection`` what becomes of the page."""
        self._connection = connection
        self._dialect = dialect
        self._claim = claim

    def standing(self, tokens: Collection[str]) -> Mapping[str, Standing]:
        """Return what became of rows; see ``ImportPage.standing``."""
        named = self._named(tokens)
        last = last_rows(self._connection, self._dialect, set(named.values()))
        open_ = open_rows(self._connection, self._dialect, set(last.values()))
        return {
            token: Standing(last[name], open=last[name] in open_) for token, name in named.items()
        }

    def close(self, done: PageDone, *, at: datetime) -> None:
        """Put the page on record; see ``ImportPage.close``."""
        connection, append, claim = self._connection, self._dialect.append, self._claim
        if done.rows:
            origin = Origin(OriginKind.CSV_IMPORT, claim.id)
            append_raw(connection, self._dialect, claim.workspace_id, origin, done.rows, at=at)
        wrong = ((claim.id, *row) for row in done.wrong)
        append(connection, import_rejects, ("import_id", "row_number", "code", "detail"), wrong)
        closed = ((*name, claim.id, by) for name, by in done.corrected.items())
        names = ("import_id", "row_number", "by_import_id", "by_row_number")
        append(connection, import_corrections, names, closed)
        good, bad = len(done.rows), len(done.wrong)
        change_import(
            connection,
            claim.id,
            rows=_row.rows + good + bad,
            added=_row.added + good,
            rejected=_row.rejected + bad,
            repeated=_row.repeated + done.repeated,
            corrected=_row.corrected + len(done.corrected),
            last_row=done.last_row,
            read=done.read,
            claims=0,
            updated_at=at,
        )

    def _named(self, tokens: Collection[str]) -> Mapping[str, RowName]:
        """Return the rows that tokens name, as far as they are of this workspace's imports."""
        parsed = {token: parse_row_token(token) for token in tokens}
        ids = sorted({found[0].import_id for found in parsed.values() if found})
        query = select(_row.id, _row.digest, _row.last_row).where(
            _row.workspace_id == self._claim.workspace_id,
            self._dialect.among(_row.id, ids),
        )
        known = {row.id: row for row in self._connection.execute(query)} if ids else {}
        return {
            token: found[0]
            for token, found in parsed.items()
            if found
            and (row := known.get(found[0].import_id))
            and row.digest.startswith(found[1])
            and 0 < found[0].row_number <= row.last_row
        }
