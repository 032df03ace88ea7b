"""Files of contacts: messy CSV in, rejects out."""

from maverick_adapters.csv_files.rejects import NoRejects, RejectsFile, free_rejects_path
from maverick_adapters.csv_files.sheet import CsvSheet, open_sheet

__all__ = ["CsvSheet", "NoRejects", "RejectsFile", "free_rejects_path", "open_sheet"]
