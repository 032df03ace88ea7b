"""Files of contacts: messy CSV in, rejects out."""

from maverick_adapters.csv_files.rejects import (
    NoRejects,
    RejectsFile,
    free_rejects_path,
    rejects_csv,
)
from maverick_adapters.csv_files.sheet import CsvSheet, open_sheet
from maverick_adapters.csv_files.stored import StoredSheets

__all__ = [
    "CsvSheet",
    "NoRejects",
    "RejectsFile",
    "StoredSheets",
    "free_rejects_path",
    "open_sheet",
    "rejects_csv",
]
