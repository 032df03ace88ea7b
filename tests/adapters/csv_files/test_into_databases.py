"""The same file into every store: the same contacts, the same verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.csv_file import VARIABLES, write_csv
from maverick_adapters.csv_files import RejectsFile, open_sheet
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.vault import Vault
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.csv_import.ports import ImportCounts
from tests.adapters.csv_files.imports import Kept, Store, run

KEEP = Choices.parse([], VARIABLES)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore(ManualClock())
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'maverick.db'}"
    else:
        url = request.getfixturevalue("fresh_postgres_database")()
    engine = open_engine(url, pool_size=2)
    upgrade(engine)
    yield SqlStore(engine, ManualClock(), Vault.from_secret(""))
    engine.dispose()


def test_a_messy_list_is_added_once_and_every_bad_row_named(store: Store, tmp_path: Path) -> None:
    """Counts by code are those that were written into the file; a second import adds nothing."""
    expected = write_csv(tmp_path / "list.csv", 12_000, seed=3, bad_share=0.05)
    sheet = open_sheet(tmp_path / "list.csv")
    with RejectsFile(tmp_path / "rejects.csv", sheet.header, sheet.delimiter) as rejects:
        first = run(store, sheet, rejects, KEEP)
    again = Kept()
    second = run(store, sheet, again, KEEP)

    assert first.counts == ImportCounts(12_000, expected.added, 12_000 - expected.added)
    assert {code.value: rows for code, rows in first.rejected.items()} == expected.rejected
    assert second.counts == ImportCounts(12_000, 0, 12_000)
    assert len(again.rows) == 12_000
    assert rejects.rows == 12_000 - expected.added


def test_a_dry_run_counts_what_the_import_then_does(store: Store, tmp_path: Path) -> None:
    """And adds nothing."""
    write_csv(tmp_path / "list.csv", 300, bad_share=0.2)
    sheet = open_sheet(tmp_path / "list.csv", page_rows=100)
    rehearsed = run(store, sheet, Kept(), KEEP, dry_run=True)
    real = run(store, sheet, Kept(), KEEP)

    assert rehearsed.counts == real.counts
    assert rehearsed.rejected == real.rejected
