"""An import from a file into a store, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from maverick_adapters.csv_files import CsvSheet
from maverick_adapters.memory import ManualClock
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.csv_import.ports import (
    ImportCounts,
    NewContacts,
    RejectedRow,
    Rejects,
)
from maverick_core.pipeline.csv_import.service import ImportContacts, ImportReport
from maverick_core.pipeline.upload.ports import LeadsToSend
from maverick_core.workspaces.ports import Workspaces
from maverick_core.workspaces.rules import new_workspace


class Store(Workspaces, NewContacts, LeadsToSend, Protocol):
    """What an import and a look at its contacts take of a store."""


@dataclass
class Kept:
    """Rejects in a list."""

    rows: list[RejectedRow] = field(default_factory=list)

    def add(self, rows: Sequence[RejectedRow]) -> None:
        self.rows += rows

    @property
    def verdicts(self) -> list[list[int | str]]:
        return [[row.number, row.code.value] for row in self.rows]


def silent(counts: ImportCounts, read: float) -> None:
    """Be told, and say nothing; the figures have to be possible."""
    assert counts.rows == counts.added + counts.rejected
    assert 0 <= read <= 1


def run(
    store: Store,
    sheet: CsvSheet,
    rejects: Rejects,
    choices: Choices | None = None,
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Import `sheet` into acme, which is made at the first call."""
    if not store.workspaces():
        store.add_workspace(new_workspace("acme", "America/New_York"))
    use_case = ImportContacts(store, store, ManualClock())
    return use_case("acme", sheet, choices or Choices(), rejects, silent, dry_run=dry_run)


def contacts(store: Store, count: int) -> list[dict[str, str]]:
    """Return the first `count` contacts of the store without their empty fields."""
    leads = store.leads(store.workspace("acme").id, range(1, count + 1))
    return [
        {name: value for name, value in lead._asdict().items() if value and name != "contact_id"}
        for lead in leads
    ]
