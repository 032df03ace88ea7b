"""Raw contacts in memory, what became of them, and the rules and suppressions behind that."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import NamedTuple

from maverick_core.pipeline.filtering.disposable import ListEntry
from maverick_core.pipeline.filtering.ports import Candidate, Holder, RawContact
from maverick_core.pipeline.filtering.rule_set import RuleSetVersion
from maverick_core.suppression.ports import Suppression


class RawRecord(NamedTuple):
    """A raw contact and whose it is."""

    workspace_id: int
    contact: RawContact


class CandidateRecord(NamedTuple):
    """A candidate, whose it is and since when."""

    workspace_id: int
    candidate: Candidate
    kept_at: datetime


@dataclass(slots=True)
class RawTables:
    """Rows by id; ``verdicts`` are codes by raw contact, ``marks`` and ``rule_sets`` by workspace.

    ``versions`` are of the rules that each verdict was given by. ``candidates`` are by e-mail and
    workspace, which is what makes one unique.
    """

    contacts: dict[int, RawRecord] = field(default_factory=dict)
    verdicts: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    candidates: dict[tuple[str, int], CandidateRecord] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)
    rule_sets: dict[int, tuple[RuleSetVersion, ...]] = field(default_factory=dict)
    suppressions: dict[int, Suppression] = field(default_factory=dict)
    disposable: set[str] = field(default_factory=set)
    allowed: set[str] = field(default_factory=set)
    disposable_journal: list[ListEntry] = field(default_factory=list)

    def copy(self) -> RawTables:
        """Return tables of their own with the same rows."""
        return RawTables(*(getattr(self, table.name).copy() for table in fields(self)))

    def waiting(self, workspace_id: int, *, after: int, limit: int) -> list[RawContact]:
        """Return raw contacts without a verdict, in order of id."""
        rows = (row.contact for row in self.contacts.values() if row.workspace_id == workspace_id)
        return [row for row in rows if row.id > after and row.id not in self.verdicts][:limit]

    def candidate_holder(self, workspace_id: int, email: str) -> Holder | None:
        """Return who has the mailbox as a candidate of this workspace."""
        row = self.candidates.get((email, workspace_id))
        if row is None:
            return None
        return Holder("", self.contacts[row.candidate.raw_contact_id].contact.origin)
