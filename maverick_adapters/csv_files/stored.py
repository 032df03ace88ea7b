"""Reads the files of imports, wherever they were taken in."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_adapters.csv_files.files import StoredFile
from maverick_adapters.csv_files.sheet import PAGE_ROWS, CsvSheet, look_at
from maverick_core.pipeline.raw_import.ports import ImportFiles
from maverick_core.pipeline.raw_import.rules import Import, ImportClaim, Reading


@dataclass(frozen=True, slots=True)
class StoredSheets:
    """Satisfies ``Sheets``."""

    files: ImportFiles
    page_rows: int = PAGE_ROWS

    def sheet(self, found: Import | ImportClaim, reading: Reading) -> CsvSheet:
        """Look at the file of an import; see ``Sheets.sheet``."""
        return look_at(
            StoredFile(self.files, found.id, found.file_name, found.bytes),
            encoding=reading.encoding or None,
            delimiter=reading.delimiter or None,
            page_rows=self.page_rows,
        )
