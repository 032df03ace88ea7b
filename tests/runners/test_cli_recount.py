"""``maverick targets show --recount`` as a proof: it speaks of a defect only where there is one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from maverick_adapters.sql import SqlStore
from maverick_core.kernel.time import Month
from maverick_core.targets.rules import TargetAccount
from tests.runners.conftest import Run

Recount = Callable[[SqlStore, int, Month], TargetAccount]


@pytest.fixture
def uploaded(acme: Run) -> Run:
    acme("batches", "create", "--workspace", "acme")
    acme("batches", "upload")
    return acme


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "test.db") as database:
        database.execute(statement)
    database.close()


def test_an_outcome_that_the_account_does_not_know_is_a_defect(uploaded: Run, folder: Path) -> None:
    change(folder, "DELETE FROM outcomes WHERE contact_id = 1")
    ran = uploaded("targets", "show", "acme", "--recount")

    assert (ran.code, "report this as a defect" in ran.err) == (1, True)


def test_an_upload_under_way_is_not_taken_for_a_defect(
    uploaded: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record moves between two looks at it, once."""
    recount: Recount = SqlStore.recount
    moves = iter(
        [
            "UPDATE contact_batches SET accepted = 29, skipped = 1;",
            "UPDATE outcomes SET outcome = 'skipped', lead_id = NULL WHERE contact_id = 1;",
        ]
    )

    def counted_a_moment_later(store: SqlStore, workspace_id: int, month: Month) -> TargetAccount:
        for statement in moves:
            change(folder, statement)
        return recount(store, workspace_id, month)

    monkeypatch.setattr(SqlStore, "recount", counted_a_moment_later)
    ran = uploaded("targets", "show", "acme", "--recount")

    assert (ran.code, "the account is right" in ran.err) == (0, True)
