"""An import that is killed, and goes on in another process; one that workers here carry out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from benchmarks.csv_file import write_csv
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_core.pipeline.raw_import.rules import Import, ImportState, Reading
from maverick_core.workspaces.rules import new_workspace
from maverick_runners.embedded import embedded
from tests.e2e.importer import importer, started

# More by hand: what is true of a dozen pages was true of two hundred.
ROWS: Final = int(os.environ.get("KILLED_IMPORT_ROWS", "40000"))
READING: Final = Reading(variables=("Policy Type",))


@pytest.fixture(params=["sqlite", "postgres"])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    """Wire an empty database with a workspace; the address is in the settings."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'maverick.db'}"
    else:
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres_database")
        address = fresh()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        upgrade(wired.engine)
        wired.store.add_workspace(new_workspace("acme", "America/New_York"))
        yield wired


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a large, messy list."""
    path = tmp_path / "list.csv"
    write_csv(path, ROWS, bad_share=0.05)
    return path


def now(wired: Wired, found: Import) -> Import:
    """Return the import as it stands."""
    return wired.store.import_of(found.workspace_id, found.id)


def contents(wired: Wired, found: Import) -> tuple[int, str, object]:
    """Return all that an import put on record: how many rows, a digest of them, the rejects."""
    digest = sha256()
    rows = last = 0
    while page := wired.store.judged(found.workspace_id, after=last, limit=10_000, waiting=True):
        for raw, _ in page:
            if raw.origin.id == found.id:
                digest.update(repr(raw[2:]).encode())
                rows += 1
        last = page[-1].raw.id
    wrong = wired.store.open_rejects(found.id, after=0, limit=ROWS)
    return rows, digest.hexdigest(), list(wrong)


def wait_for(happened: Callable[[], bool]) -> None:
    """Look now and then, for two minutes at most."""
    for _ in range(6_000):
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError("it never happened")


def test_a_killed_import_ends_as_an_undisturbed_one(wired: Wired, file: Path) -> None:
    """Kill -9 it twice, each time in the middle; rows and rejects are the same to the byte."""
    undisturbed = started(wired, file, READING)
    assert wired.run_import(undisturbed.id, worker="calm") == "done"

    killed = started(wired, file, READING)
    for share in (1 / 4, 2 / 3):
        process = importer(wired, killed)
        wait_for(lambda share=share: now(wired, killed).read >= share)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert now(wired, killed).state is ImportState.RUNNING
        wait_for(lambda: killed.id in wired.store.waiting_imports(limit=10))
    assert 0 < now(wired, killed).rows < now(wired, undisturbed).rows
    assert wired.run_import(killed.id, worker="heir") == "done"

    assert contents(wired, killed) == contents(wired, undisturbed)
    ended, calm = now(wired, killed), now(wired, undisturbed)
    assert (ended.rows, ended.added, ended.rejected) == (calm.rows, calm.added, calm.rejected)


def test_workers_here_carry_out_what_was_announced(wired: Wired, file: Path) -> None:
    """Without any other process, by the actors that production has."""
    found = started(wired, file, READING)
    with embedded(wired) as workers:
        workers.run()

    assert now(wired, found).state is ImportState.DONE
