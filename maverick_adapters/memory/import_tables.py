"""Imports in memory: their files, and what was rejected of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime

from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.raw_import.ports import OpenReject
from maverick_core.pipeline.raw_import.rules import ImportKind, ImportState, Reading, RowName


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A file that contacts came from, and how far its import is."""

    id: int
    workspace_id: int
    file_name: str
    started_at: datetime
    finished_at: datetime | None = None
    counts: ImportCounts = field(default_factory=ImportCounts)
    kind: ImportKind = ImportKind.VERIFIED
    state: ImportState = ImportState.RUNNING
    why: str = ""
    by: str = ""
    bytes: int = 0
    received: int = 0
    digest: str = ""
    reading: Reading = field(default_factory=Reading)
    repeated: int = 0
    corrected: int = 0
    last_row: int = 0
    read: float = 0.0
    claimed_row: int = 0
    claimed_at: datetime | None = None
    updated_at: datetime | None = None
    fence: int = 0
    claims: int = 0
    lease_until: datetime | None = None


@dataclass(slots=True)
class ImportTables:
    """Files by import, wrong rows and corrections by the row, rows to raw contacts."""

    files: dict[int, bytes] = field(default_factory=dict)
    wrong: dict[RowName, OpenReject] = field(default_factory=dict)
    corrections: dict[RowName, RowName] = field(default_factory=dict)
    raw: dict[RowName, int] = field(default_factory=dict)

    def copy(self) -> ImportTables:
        """Return tables of their own with the same rows."""
        return ImportTables(*(getattr(self, table.name).copy() for table in fields(self)))

    def last(self, name: RowName) -> RowName:
        """Return the row that stands for this one now."""
        while name in self.corrections:
            name = self.corrections[name]
        return name

    def raw_of(self, import_id: int) -> Iterator[tuple[RowName, int]]:
        """Yield the rows of an import that became raw contacts, with those."""
        return ((name, raw) for name, raw in self.raw.items() if name.import_id == import_id)
