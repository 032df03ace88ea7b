"""The master list in memory, what it was told, and what refills took from there."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.master_fill.ports import RefillRun
from maverick_core.pipeline.master_fill.rules import MasterContact, SeenAs


@dataclass(slots=True)
class MasterTables:
    """``contacts`` are by e-mail; ``told`` is the last id by workspace and table.

    ``batches`` are the sums that were told, ``brought`` the run by workspace and e-mail.
    """

    contacts: dict[str, MasterContact] = field(default_factory=dict)
    told: dict[tuple[int, SeenAs], int] = field(default_factory=dict)
    batches: dict[int, tuple[int, int]] = field(default_factory=dict)
    runs: dict[int, RefillRun] = field(default_factory=dict)
    brought: dict[tuple[int, str], int] = field(default_factory=dict)
    overlaps: dict[int, Overlap] = field(default_factory=dict)

    def copy(self) -> MasterTables:
        """Return tables of their own with the same rows."""
        return MasterTables(*(getattr(self, table.name).copy() for table in fields(self)))
