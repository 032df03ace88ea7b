"""What is believed of mailboxes, what was asked, and what became of candidates, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import NamedTuple

from maverick_core.pipeline.verification.ports import Question
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Finding, Policy


class Believed(NamedTuple):
    """A finding, and how long it is believed."""

    finding: Finding
    found_at: datetime
    until: datetime


class Remembered(NamedTuple):
    """A domain, and how long it is remembered."""

    catch_all: bool
    until: datetime


class Open(NamedTuple):
    """A question without an answer, and whose it is."""

    workspace_id: int
    question: Question


@dataclass(slots=True)
class VerificationTables:
    """``verdicts`` are by candidate, ``imports`` by workspace, ``spending`` by provider and day."""

    verdicts: dict[int, Settled] = field(default_factory=dict)
    imports: dict[int, int] = field(default_factory=dict)
    policies: dict[int, Policy] = field(default_factory=dict)
    findings: dict[str, Believed] = field(default_factory=dict)
    domains: dict[str, Remembered] = field(default_factory=dict)
    questions: dict[int, Open] = field(default_factory=dict)
    answered: dict[int, datetime] = field(default_factory=dict)
    spending: dict[tuple[str, str], int] = field(default_factory=dict)

    def copy(self) -> VerificationTables:
        """Return tables of their own with the same rows."""
        return VerificationTables(*(getattr(self, table.name).copy() for table in fields(self)))

    def open_question(self, workspace_id: int) -> Question | None:
        """Return the workspace's question that has no answer yet."""
        for row in self.questions.values():
            if row.workspace_id == workspace_id and row.question.id not in self.answered:
                return row.question
        return None

    def is_believed(self, email: str, at: datetime) -> bool:
        """Say whether something is believed of the mailbox at that moment."""
        row = self.findings.get(email)
        return row is not None and row.until > at
