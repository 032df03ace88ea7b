"""Imports of unjudged lists: a page of a file, what became of it and how far that is, at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from maverick_adapters.sql.store.announcing import announce_work, unannounce
from maverick_adapters.sql.store.import_page import SqlImportPage
from maverick_adapters.sql.store.import_rows import as_import, change_import, locked_import
from maverick_adapters.sql.store.outbox import OutboxPart
from maverick_adapters.sql.store.part import AnyRow
from maverick_adapters.sql.store.raw import raw_turn
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    import_parts,
    imports,
)
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

_row = imports.c
_KEY: Final = literal("import:", Text) + cast(_row.id, Text) + ":" + cast(_row.fence, Text)
"""``import_key`` in SQL."""


class RawImportsPart(OutboxPart):
    """Satisfies ``Imports``, ``ImportRecord`` and ``WaitingImports``."""

    def add_import(self, workspace_id: int, new: NewImport, *, at: datetime) -> Import:
        """Put it on record; see ``Imports.add_import``."""
        values = {"file_name": new.file_name, "bytes": new.bytes, "by": new.by}
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            row = connection.execute(
                insert(imports)
                .values(
                    workspace_id=workspace_id,
                    kind=ImportKind.RAW,
                    state=ImportState.UPLOADING,
                    digest=new.digest,
                    started_at=at,
                    updated_at=at,
                    **values,
                )
                .returning(imports)
            ).one()
        return as_import(row)

    def import_of(self, workspace_id: int, import_id: int) -> Import:
        """Return one; see ``Imports.import_of``."""
        query = select(imports).where(_row.id == import_id, _row.workspace_id == workspace_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise no_import(import_id)
        return as_import(row)

    def imports(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Import]:
        """Return the workspace's; see ``Imports.imports``."""
        query = select(imports).where(_row.workspace_id == workspace_id)
        if before is not None:
            query = query.where(_row.id < before)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_row.id.desc()).limit(limit))
            return [as_import(row) for row in rows]

    def start_import(self, import_id: int, reading: Reading, *, at: datetime) -> None:
        """Let it run and announce it; see ``Imports.start_import``."""
        with self._database.write() as connection:
            row = locked_import(connection, import_id)
            if row.state != ImportState.READY:
                raise not_now(as_import(row), "started")
            values = {"reading": _reading_json(reading), "updated_at": at}
            change_import(connection, import_id, state=ImportState.RUNNING, **values)
            announce_work(connection, self._dialect, import_work(import_id, row.fence), at=at)

    def cancel_import(self, import_id: int, *, at: datetime) -> None:
        """End it and delete its file; see ``Imports.cancel_import``."""
        with self._database.write() as connection:
            row = locked_import(connection, import_id)
            if row.state in OVER or row.kind != ImportKind.RAW:
                raise not_now(as_import(row), "cancelled")
            unannounce(connection, import_key(import_id, row.fence))
            change_import(connection, import_id, **_ended_import(ImportState.CANCELLED, at))
            connection.execute(delete(import_parts).where(import_parts.c.import_id == import_id))

    def claim_import(
        self, import_id: int, *, worker: str, lease_seconds: float
    ) -> ImportClaim | str:
        """Take it, or say why not; see ``ImportRecord.claim_import``."""
        with self._database.write() as connection:
            row = locked_import(connection, import_id, self._is_held())
            refusal = _refusal(row)
            if refusal:
                return refusal
            unannounce(connection, import_key(import_id, row.fence))
            now = self._now()
            if row.claims >= MAX_CLAIMS:
                change_import(
                    connection, import_id, **_ended_import(ImportState.FAILED, now, NO_END)
                )
                return "too_many_claims"
            taken = {
                "fence": row.fence + 1,
                "claims": row.claims + 1,
                "worker": worker,
                "claimed_at": now,
                "claimed_row": row.last_row,
                "updated_at": now,
            }
            self._lease_import(connection, import_id, lease_seconds, **taken)
            found = as_import(row)
        return ImportClaim(
            found.id, found.workspace_id, row.fence + 1, found.file_name, found.bytes,
            found.digest, found.reading, found.last_row,
        )  # fmt: skip

    @contextmanager
    def import_page(self, claim: ImportClaim, *, lease_seconds: float) -> Iterator[SqlImportPage]:
        """Hold the import and the workspace's rows; see ``ImportRecord.import_page``.

        The workspace's turn is taken first: whoever appends to it waits for no import's row.
        """
        with self._database.write() as connection:
            raw_turn(connection, self._dialect, claim.workspace_id)
            _check_claim(locked_import(connection, claim.id), claim)
            self._lease_import(connection, claim.id, lease_seconds)
            yield SqlImportPage(connection, self._dialect, claim)

    def leave_import(self, claim: ImportClaim, *, at: datetime) -> None:
        """Hand it back and announce it; see ``ImportRecord.leave_import``."""
        with self._database.write() as connection:
            row = locked_import(connection, claim.id)
            if _is_claimed(row, claim):
                free = {"lease_until": None, "worker": None, "updated_at": at}
                change_import(connection, claim.id, **free)
                announce_work(connection, self._dialect, import_work(claim.id, row.fence), at=at)

    def end_import(self, claim: ImportClaim, state: ImportState, why: str, *, at: datetime) -> None:
        """End it; see ``ImportRecord.end_import``."""
        with self._database.write() as connection:
            _check_claim(locked_import(connection, claim.id), claim)
            change_import(connection, claim.id, **_ended_import(state, at, why))

    def waiting_imports(self, *, limit: int) -> Sequence[int]:
        """Return what waits; see ``WaitingImports.waiting_imports``."""
        with self._database.read() as connection:
            return list(connection.execute(self._waiting_imports().limit(limit)).scalars())

    def announce_imports(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits; see ``WaitingImports.announce_imports``."""
        waiting = self._waiting_imports(_row.fence, _KEY.label("dedupe")).limit(limit).subquery()
        unheard = self._unheard(waiting, patience_seconds).add_columns(waiting.c.fence)
        with self._database.read() as connection:
            found = connection.execute(unheard).all()
        if not found:
            return 0
        with self._database.write() as connection:
            for row in found:
                work = import_work(row.id, row.fence)
                announce_work(connection, self._dialect, work, at=self._now())
            self._announce_again(connection, found)
        return len(found)

    def _waiting_imports(self, *more: ColumnElement[Any]) -> Select[Any]:
        """Select the imports that a claim would be given now, oldest first."""
        expired = _row.lease_until <= self._dialect.now(self._clock)
        return (
            select(_row.id, *more)
            .where(_row.kind == ImportKind.RAW, _row.state == ImportState.RUNNING)
            .where(or_(_row.lease_until.is_(None), expired))
            .order_by(_row.id)
        )

    def _is_held(self) -> ColumnElement[bool]:
        return func.coalesce(_row.lease_until > self._dialect.now(self._clock), False)

    def _lease_import(
        self, connection: Connection, import_id: int, lease_seconds: float, **values: Any
    ) -> None:
        connection.execute(
            update(imports)
            .where(_row.id == import_id)
            .values(lease_until=self._dialect.lease_end, **values),
            {"lease": self._dialect.lease(self._clock, lease_seconds)},
        )


def _refusal(row: AnyRow) -> str:
    if row.kind != ImportKind.RAW or row.state in OVER:
        return "over"
    if row.state != ImportState.RUNNING:
        return "not_started"
    return "busy" if row.held else ""


def _is_claimed(row: AnyRow, claim: ImportClaim) -> bool:
    return bool(row.fence == claim.fence and row.state == ImportState.RUNNING)


def _check_claim(row: AnyRow, claim: ImportClaim) -> None:
    if not _is_claimed(row, claim):
        raise StaleImport(claim.id)


def _ended_import(state: ImportState, at: datetime, why: str = "") -> dict[str, Any]:
    free = {"lease_until": None, "worker": None}
    return {"state": state, "why": why, "updated_at": at, "finished_at": at, **free}


def _reading_json(reading: Reading) -> str:
    return json.dumps(
        {
            "encoding": reading.encoding,
            "delimiter": reading.delimiter,
            "fields": dict(reading.fields),
            "variables": list(reading.variables),
        }
    )
