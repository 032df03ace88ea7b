"""A process that carries an import out: ``python -m tests.e2e.importer DATABASE IMPORT``.

Its lease ends soon, so that nobody has to wait two minutes for what it leaves when it is killed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from maverick_adapters.container import Wired, wire
from maverick_adapters.csv_files import StoredSheets
from maverick_adapters.settings import load_settings
from maverick_core.pipeline.raw_import.rules import Import, NewImport, Reading
from maverick_core.pipeline.raw_import.service import RunImport

LEASE_SECONDS: Final = 2.0
_ROOT: Final = Path(__file__).parents[2]


def started(wired: Wired, file: Path, reading: Reading) -> Import:
    """Take the file in and announce the import."""
    new = NewImport(file.name, file.stat().st_size, "pat")
    found = wired.take_file.begin("acme", new)
    with file.open("rb") as binary:
        while data := binary.read(1 << 20):
            found = wired.take_file(found, found.received, data)
    return wired.start_import(found, reading)


def importer(wired: Wired, found: Import) -> subprocess.Popen[bytes]:
    """Start a process that carries the import out."""
    address = wired.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.e2e.importer", address, str(found.id)]
    return subprocess.Popen(command, cwd=_ROOT)


def main(database_url: str, import_id: str) -> None:
    """Go on with the import."""
    with wire(load_settings(_env_file=None, database_url=database_url)) as wired:
        sheets = StoredSheets(wired.store)
        run = RunImport(wired.store, sheets, wired.clock, lease_seconds=LEASE_SECONDS)
        run(int(import_id), worker="killed")


if __name__ == "__main__":
    main(*sys.argv[1:])
