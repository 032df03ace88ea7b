"""An import of a million rows, killed time and again: `make chaos ARGS=million`, by hand only."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import select

from benchmarks.csv_file import VARIABLES, write_csv
from maverick_adapters.container import Wired, wire
from maverick_adapters.csv_files import rejects_csv
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.sql.tables import raw_contacts
from maverick_core.pipeline.raw_import.rules import Import, Reading
from maverick_core.workspaces.rules import new_workspace
from tests.chaos.trial import Ground, Trial
from tests.e2e.importer import importer, started
from tests.e2e.stage import end, wait_for

ROWS: Final = int(os.environ.get("KILLED_IMPORT_ROWS", "1000000"))
SHARES: Final = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95)
"""Of the file, behind which a worker is killed: more often than one may die on one page."""
PATIENCE_SECONDS: Final = 1_800.0
_UNLIKE: Final = {"id", "added_at"}


class Left(NamedTuple):
    """What an import left behind: counts, digests of rows and rejects, and what the filter said."""

    counts: tuple[int, int, int]
    rows: str
    rejects: str
    codes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Million:
    """The case; it has two databases, so that both imports are the first of theirs."""

    fault: str = "kill -9 of an import"
    variant: str = f"a million rows, {len(SHARES)} times"
    append_only: bool = False

    @property
    def name(self) -> str:
        """What it is called in the table and on the command line."""
        return f"{self.fault}: {self.variant}"

    def tried(self, ground: Ground) -> Trial:
        """Import the same file twice, once in peace."""
        file = ground.folder / "list.csv"
        write_csv(file, ROWS, bad_share=0.02)
        with _desk(ground.databases.create()) as wired:
            began = time.monotonic()
            found = started(wired, file, Reading(variables=VARIABLES))
            with importer(wired, found) as process:
                process.wait()
            _say(f"undisturbed: {time.monotonic() - began:.0f} s")
            calm = _left(wired, found)
        with _desk(ground.databases.create()) as wired:
            found = started(wired, file, Reading(variables=VARIABLES))
            seconds = _killed(wired, found)
            killed = _left(wired, found)
        wrong = [
            f"{name}: {getattr(killed, name)}, not {getattr(calm, name)}"
            for name in Left._fields
            if getattr(killed, name) != getattr(calm, name)
        ]
        _say(f"{calm.counts} counted, rejects {calm.rejects[:16]}, filtered {dict(calm.codes)}")
        return Trial(seconds, wrong, "")


def _killed(wired: Wired, found: Import) -> float:
    """Kill whoever works on the import, behind each share; return the longest recovery."""
    began = time.monotonic()
    longest = 0.0
    for share in SHARES:
        longest = max(longest, _worked(wired, found, until=share))
        wait_for(lambda: found.id in wired.store.waiting_imports(limit=9))
    longest = max(longest, _worked(wired, found))
    _say(f"killed {len(SHARES)} times: {time.monotonic() - began:.0f} s")
    return longest


def _worked(wired: Wired, found: Import, until: float | None = None) -> float:
    """Let a process go on, and kill it behind a share; return the seconds to its first page."""
    row, began = _now(wired, found).last_row, time.monotonic()
    with importer(wired, found) as process:
        try:
            _wait(lambda: _now(wired, found).last_row > row)
            took = time.monotonic() - began
            if until is not None:
                _wait(lambda: _now(wired, found).read >= until)
                process.send_signal(signal.SIGKILL)
            process.wait()
        finally:
            end([process.pid])
    _say(f"from behind row {row:,} to behind row {_now(wired, found).last_row:,}")
    return took


def _wait(happened: Callable[[], bool]) -> None:
    wait_for(happened, at_most_seconds=PATIENCE_SECONDS)


def _now(wired: Wired, found: Import) -> Import:
    return wired.store.import_of(found.workspace_id, found.id)


def _left(wired: Wired, found: Import) -> Left:
    ended = _now(wired, found)
    digest = sha256()
    for part in rejects_csv(wired.read_rejects(ended)):
        digest.update(part)
    filtered = wired.filter_contacts("acme", lambda _rows, _codes: None)
    counts = (ended.rows, ended.added, ended.rejected)
    return Left(counts, _digest(wired, found), digest.hexdigest(), filtered.codes)


def _digest(wired: Wired, found: Import) -> str:
    """Return a digest of the import's rows, in the order that they went on record in."""
    digest = sha256()
    columns = [column for column in raw_contacts.c if column.name not in _UNLIKE]
    query = select(*columns).order_by(raw_contacts.c.id)
    query = query.where(raw_contacts.c.origin_id == found.id)
    with wired.engine.connect().execution_options(yield_per=10_000) as connection:
        for row in connection.execute(query):
            digest.update(repr(row).encode())
    return digest.hexdigest()


@contextmanager
def _desk(database_url: str) -> Iterator[Wired]:
    with wire(load_settings(_env_file=None, database_url=database_url)) as wired:
        upgrade(wired.engine)
        wired.store.add_workspace(new_workspace("acme", "America/New_York"))
        yield wired


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()
