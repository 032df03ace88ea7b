"""A provider in memory that keeps its bills, for histories that look what was paid for twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.memory.verifier import MemoryVerifier
from maverick_core.pipeline.verification.ports import AskAnswer
from maverick_core.pipeline.verification.verdicts import Reason, Verdict, believed_until

KINDS: Final = (
    (Verdict.VALID, Reason.MAILBOX_EXISTS),
    (Verdict.INVALID, Reason.NO_SUCH_MAILBOX),
    (Verdict.UNKNOWN, Reason.NO_ANSWER),
    (Verdict.RISKY, Reason.ROLE),
)


class Provider(MemoryVerifier):
    """Remembers what it was paid for, and when."""

    def __init__(self, clock: ManualClock) -> None:
        """Know what ``kinds`` say; domains of ``any`` take any name."""
        super().__init__(self._says)
        self.kinds: dict[str, tuple[Verdict, Reason]] = {}
        self.bills: list[tuple[datetime, str]] = []
        self._clock = clock

    def _says(self, email: str) -> tuple[Verdict, Reason]:
        if email.endswith("@any.example"):
            return Verdict.RISKY, Reason.CATCH_ALL
        return self.kinds.get(email, KINDS[0])

    def ask(self, key: str, emails: Sequence[str]) -> AskAnswer:
        """Bill what is new."""
        before = self.paid.copy()
        answer = super().ask(key, emails)
        now = self._clock.now()
        self.bills += [(now, email) for email in (self.paid - before).elements()]
        self._clock.advance(1)
        return answer


def paid_while_believed(provider: Provider, store: MemoryStore) -> list[str]:
    """Return who was paid for again while the finding of the time before was on record, and true.

    The store's own tables are asked: no port tells since when something is believed.
    """
    rows = store._tables.verification.findings  # noqa: SLF001
    last: dict[str, datetime] = {}
    found = []
    for at, email in provider.bills:
        row = rows.get(email)
        known = row is not None and last.get(email, at) <= row.found_at < at
        if row and known and at < believed_until(row.finding.verdict, row.found_at):
            found.append(f"{email} was paid for at {at} and believed since {row.found_at}")
        last[email] = at
    return found
