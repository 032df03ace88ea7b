"""One page of an import, and what became of the rows of all of them, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from maverick_adapters.memory.filtering import append_raw
from maverick_adapters.memory.tables import Tables, Transactions
from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.raw_import.ports import OpenReject, PageDone
from maverick_core.pipeline.raw_import.rules import (
    ImportClaim,
    RowName,
    Standing,
    parse_row_token,
)


class MemoryRowFates(Transactions):
    """Satisfies ``ImportRejects``."""

    def open_rejects(self, import_id: int, *, after: int, limit: int) -> Sequence[OpenReject]:
        """Return open rows."""
        found = sorted(_open_rejects(self._tables, import_id))
        return [row for row in found if row.row_number > after][:limit]

    def reject_counts(self, import_id: int) -> Mapping[str, int]:
        """Count open rows by code."""
        return Counter(row.code for row in sorted(_open_rejects(self._tables, import_id)))

    def fates(self, import_id: int) -> Mapping[str, int]:
        """Count rows by what became of them."""
        tables = self._tables
        codes = [tables.raw.verdicts.get(raw) for _, raw in tables.importing.raw_of(import_id)]
        return {
            "waiting": codes.count(None),
            "kept": codes.count(KEPT),
            "closed": sum(name.import_id == import_id for name in tables.importing.corrections),
            "open": len(list(_open_rejects(tables, import_id))),
        }


class MemoryImportPage:
    """One page of an import, inside a transaction."""

    def __init__(self, tables: Tables, claim: ImportClaim) -> None:
        """Write to ``tables`` what becomes of the page."""
        self._tables = tables
        self._claim = claim

    def standing(self, tokens: Collection[str]) -> Mapping[str, Standing]:
        """Return what became of rows."""
        found = {}
        for token in tokens:
            if name := self._named(token):
                last = self._tables.importing.last(name)
                found[token] = Standing(last, open=_is_rejected(self._tables, last))
        return found

    def close(self, done: PageDone, *, at: datetime) -> None:
        """Put the page on record."""
        tables, id_ = self._tables, self._claim.id
        first = len(tables.raw.contacts) + 1
        origin = Origin(OriginKind.CSV_IMPORT, id_)
        append_raw(tables, self._claim.workspace_id, origin, done.rows)
        for raw, row in enumerate(done.rows, start=first):
            tables.importing.raw[RowName(id_, row.row_number)] = raw
        for wrong in done.wrong:
            tables.importing.wrong[RowName(id_, wrong.row_number)] = OpenReject(*wrong)
        for name, by in done.corrected.items():
            tables.importing.corrections[name] = RowName(id_, by)
        now, good, bad = tables.imports[id_], len(done.rows), len(done.wrong)
        before = now.counts
        change(
            tables,
            id_,
            counts=ImportCounts(
                before.rows + good + bad, before.added + good, before.rejected + bad
            ),
            repeated=now.repeated + done.repeated,
            corrected=now.corrected + len(done.corrected),
            last_row=done.last_row,
            read=done.read,
            claims=0,
            updated_at=at,
        )

    def _named(self, token: str) -> RowName | None:
        parsed = parse_row_token(token)
        if parsed is None:
            return None
        name, mark = parsed
        row = self._tables.imports.get(name.import_id)
        if row is None or row.workspace_id != self._claim.workspace_id:
            return None
        return name if row.digest.startswith(mark) and 0 < name.row_number <= row.last_row else None


def change(tables: Tables, import_id: int, **values: Any) -> None:
    """Change what is said of an import."""
    tables.imports[import_id] = replace(tables.imports[import_id], **values)


def _is_rejected(tables: Tables, name: RowName) -> bool:
    if name in tables.importing.wrong:
        return True
    raw = tables.importing.raw.get(name)
    return raw is not None and tables.raw.verdicts.get(raw, KEPT) != KEPT


def _open_rejects(tables: Tables, import_id: int) -> Iterator[OpenReject]:
    """Yield rows that are rejected and were not corrected; details are not kept here."""
    closed = tables.importing.corrections
    for name, wrong in tables.importing.wrong.items():
        if name.import_id == import_id and name not in closed:
            yield wrong
    for name, raw in tables.importing.raw_of(import_id):
        code = tables.raw.verdicts.get(raw, KEPT)
        if code != KEPT and name not in closed:
            yield OpenReject(name.row_number, code, "")
