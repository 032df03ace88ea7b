"""A provider in memory that keeps its bills, for histories that look what was paid for twice."""

from __future__ import annotations

from collections import defaultdict
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
ANY_NAME: Final = (Verdict.RISKY, Reason.CATCH_ALL)


class Provider(MemoryVerifier):
    """Remembers what it was paid for, and when; ``said`` is what it ever found of a mailbox."""

    def __init__(self, clock: ManualClock) -> None:
        """Know what ``kinds`` say; domains of ``any`` take any name."""
        super().__init__(self._says)
        self.kinds: dict[str, tuple[Verdict, Reason]] = {}
        self.said: defaultdict[str, set[tuple[Verdict, Reason]]] = defaultdict(set)
        self.bills: list[tuple[datetime, str]] = []
        self._clock = clock

    def _says(self, email: str) -> tuple[Verdict, Reason]:
        any_name = email.endswith("@any.example")
        kind = ANY_NAME if any_name else self.kinds.get(email, KINDS[0])
        self.said[email].add(kind)
        return kind

    def be_kind(self) -> None:
        """Answer everything from now on."""
        self._asks.clear()
        self._answers.clear()

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
