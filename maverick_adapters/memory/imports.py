"""Imports of unjudged lists, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from maverick_adapters.memory.import_page import MemoryImportPage, MemoryRowFates, change
from maverick_adapters.memory.import_tables import ImportRecord
from maverick_adapters.memory.jobs import announce_again
from maverick_adapters.memory.tables import Tables
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.raw_import.rules import (
    MAX_CLAIMS,
    NO_END,
    OVER,
    Import,
    ImportClaim,
    ImportKind,
    ImportState,
    NewImport,
    Reading,
    StaleImport,
    import_key,
    import_work,
    no_import,
    not_now,
)

_PLAIN = (
    "id", "workspace_id", "kind", "file_name", "state", "why", "by", "bytes", "received", "digest",
    "reading", "repeated", "corrected", "last_row", "read", "claimed_row", "claimed_at",
    "started_at", "finished_at",
)  # fmt: skip


class MemoryImports(MemoryRowFates):
    """Satisfies ``Imports``, ``ImportFiles``, ``ImportRecord`` and ``WaitingImports``."""

    def add_import(self, workspace_id: int, new: NewImport, *, at: datetime) -> Import:
        """Put it on record."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            import_id = len(tables.imports) + 1
            tables.imports[import_id] = ImportRecord(
                import_id,
                workspace_id,
                new.file_name,
                at,
                kind=ImportKind.RAW,
                state=ImportState.UPLOADING,
                by=new.by,
                bytes=new.bytes,
                digest=new.digest,
                updated_at=at,
            )
            tables.importing.files[import_id] = b""
            return _view(tables, import_id)

    def import_of(self, workspace_id: int, import_id: int) -> Import:
        """Return one."""
        tables = self._tables
        record = tables.imports.get(import_id)
        if record is None or record.workspace_id != workspace_id:
            raise no_import(import_id)
        return _view(tables, import_id)

    def imports(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Import]:
        """Return the workspace's, the newest first."""
        tables = self._tables
        ids = [
            id_
            for id_, row in reversed(tables.imports.items())
            if row.workspace_id == workspace_id and (before is None or id_ < before)
        ]
        return [_view(tables, id_) for id_ in ids[:limit]]

    def start_import(self, import_id: int, reading: Reading, *, at: datetime) -> None:
        """Let it run and announce it."""
        with self._transaction() as tables:
            row = _row(tables, import_id)
            if row.state is not ImportState.READY:
                raise not_now(_view(tables, import_id), "started")
            change(tables, import_id, state=ImportState.RUNNING, reading=reading, updated_at=at)
            tables.announce_work(import_work(import_id, row.fence), since=at)

    def cancel_import(self, import_id: int, *, at: datetime) -> None:
        """End it; its file goes."""
        with self._transaction() as tables:
            row = _row(tables, import_id)
            if row.state in OVER or row.kind is not ImportKind.RAW:
                raise not_now(_view(tables, import_id), "cancelled")
            tables.outbox.pop(import_key(import_id, row.fence), None)
            change(tables, import_id, **_ended(ImportState.CANCELLED, at))
            del tables.importing.files[import_id]

    def add_part(self, import_id: int, start: int, data: bytes) -> int:
        """Append bytes."""
        with self._transaction() as tables:
            row = _row(tables, import_id)
            if row.state is not ImportState.UPLOADING:
                raise not_now(_view(tables, import_id), "added to")
            there = tables.importing.files[import_id]
            if start == len(there) and start + len(data) <= row.bytes and data:
                there = tables.importing.files[import_id] = there + data
                now = self._clock.now()
                change(tables, import_id, received=len(there), updated_at=now)
            return len(there)

    def file_is_there(self, import_id: int, digest: str) -> None:
        """Let it be ready."""
        with self._transaction() as tables:
            row = _row(tables, import_id)
            complete = len(tables.importing.files.get(import_id, b"")) == row.bytes
            if row.state is not ImportState.UPLOADING or not complete:
                raise not_now(_view(tables, import_id), "made ready")
            now = self._clock.now()
            change(tables, import_id, state=ImportState.READY, digest=digest, updated_at=now)

    def part(self, import_id: int, start: int) -> bytes:
        """Return all from there on."""
        file = self._tables.importing.files.get(import_id)
        if not file:
            raise Missing(
                f"The file of import {import_id} is not kept any more.",
                code="import_file_gone",
                remedy="Import the file again; what is on record already is not added twice.",
            )
        return file[start:]

    def forget_files(self, *, before: datetime) -> int:
        """Delete files."""
        with self._transaction() as tables:
            files = tables.importing.files
            ended = [id_ for id_ in files if _is_over(tables.imports[id_], before)]
            for id_ in ended:
                del files[id_]
            return len(ended)

    def claim_import(
        self, import_id: int, *, worker: str, lease_seconds: float
    ) -> ImportClaim | str:
        """Take it, or say why not; who has it is not kept here."""
        del worker
        now = self._clock.now()
        with self._transaction() as tables:
            row = _row(tables, import_id)
            if row.kind is not ImportKind.RAW or row.state in OVER:
                return "over"
            if row.state is not ImportState.RUNNING:
                return "not_started"
            if not _is_free(row, now):
                return "busy"
            tables.outbox.pop(import_key(import_id, row.fence), None)
            if row.claims >= MAX_CLAIMS:
                change(tables, import_id, **_ended(ImportState.FAILED, now, NO_END))
                return "too_many_claims"
            change(
                tables,
                import_id,
                fence=row.fence + 1,
                claims=row.claims + 1,
                claimed_at=now,
                claimed_row=row.last_row,
                updated_at=now,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
        return ImportClaim(
            row.id, row.workspace_id, row.fence + 1, row.file_name, row.bytes, row.digest,
            row.reading, row.last_row,
        )  # fmt: skip

    @contextmanager
    def import_page(
        self, claim: ImportClaim, *, lease_seconds: float
    ) -> Iterator[MemoryImportPage]:
        """Hold the whole store, and with it the import."""
        with self._transaction() as tables:
            _check_claim(tables, claim)
            until = self._clock.now() + timedelta(seconds=lease_seconds)
            change(tables, claim.id, lease_until=until)
            yield MemoryImportPage(tables, claim)

    def leave_import(self, claim: ImportClaim, *, at: datetime) -> None:
        """Hand it back and announce it."""
        with self._transaction() as tables:
            if _is_claimed(tables, claim):
                change(tables, claim.id, lease_until=None, updated_at=at)
                tables.announce_work(import_work(claim.id, claim.fence), since=at)

    def end_import(self, claim: ImportClaim, state: ImportState, why: str, *, at: datetime) -> None:
        """End it."""
        with self._transaction() as tables:
            _check_claim(tables, claim)
            change(tables, claim.id, **_ended(state, at, why))

    def waiting_imports(self, *, limit: int) -> Sequence[int]:
        """Return what waits."""
        now = self._clock.now()
        return [row.id for row in self._tables.imports.values() if _waits(row, now)][:limit]

    def announce_imports(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits unannounced, or was announced long ago."""
        now = self._clock.now()
        long_ago = now - timedelta(seconds=patience_seconds)
        with self._transaction() as tables:
            waiting = [row for row in tables.imports.values() if _waits(row, now)][:limit]
            works = [import_work(row.id, row.fence) for row in waiting]
            return sum(
                tables.announce_work(work, since=now)
                or announce_again(tables, work.dedupe, long_ago)
                for work in works
            )


def _row(tables: Tables, import_id: int) -> ImportRecord:
    row = tables.imports.get(import_id)
    if row is None:
        raise no_import(import_id)
    return row


def _view(tables: Tables, import_id: int) -> Import:
    row = tables.imports[import_id]
    return Import(
        rows=row.counts.rows,
        added=row.counts.added,
        rejected=row.counts.rejected,
        updated_at=row.updated_at or row.finished_at or row.started_at,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _ended(state: ImportState, at: datetime, why: str = "") -> dict[str, Any]:
    return {"state": state, "why": why, "updated_at": at, "finished_at": at, "lease_until": None}


def _is_over(row: ImportRecord, before: datetime) -> bool:
    return row.state in OVER and row.finished_at is not None and row.finished_at <= before


def _is_free(row: ImportRecord, now: datetime) -> bool:
    return row.lease_until is None or row.lease_until <= now


def _waits(row: ImportRecord, now: datetime) -> bool:
    return row.kind is ImportKind.RAW and row.state is ImportState.RUNNING and _is_free(row, now)


def _is_claimed(tables: Tables, claim: ImportClaim) -> bool:
    row = _row(tables, claim.id)
    return row.fence == claim.fence and row.state is ImportState.RUNNING


def _check_claim(tables: Tables, claim: ImportClaim) -> None:
    if not _is_claimed(tables, claim):
        raise StaleImport(claim.id)
