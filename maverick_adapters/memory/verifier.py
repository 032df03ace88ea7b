"""A verifier in memory: it knows what it was told, and whatever befalls what it is asked."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Final

from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Asked,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
)
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Trouble

_AWAY: Final = NoAnswer(Trouble.UNAVAILABLE, "The verifier is not reachable.")

Know = Callable[[str], tuple[Verdict, Reason]]


def everybody_is_valid(email: str) -> tuple[Verdict, Reason]:
    """Know everybody."""
    del email
    return Verdict.VALID, Reason.MAILBOX_EXISTS


class MemoryVerifier:
    """Satisfies ``Verifier``. ``paid`` counts each mailbox as often as it was paid for.

    ``looks`` are how often an answer is looked for before it is there, 0 answers at once. It is
    ``away`` when it answers nobody.
    """

    name = "memory"

    def __init__(self, know: Know = everybody_is_valid, *, looks: int = 1) -> None:
        """Know of mailboxes what ``know`` says when it is asked."""
        self.know = know
        self.paid: Counter[str] = Counter()
        self.away = False
        self._looks = looks
        self._asks: deque[tuple[AskAnswer, bool]] = deque()
        self._answers: deque[Answer] = deque()
        self._jobs: dict[str, list[Finding]] = {}
        self._looked: Counter[str] = Counter()

    def answer_ask(self, answer: AskAnswer, *, taken: bool = False) -> None:
        """Answer the next question like this; ``taken``: it is worked on nevertheless."""
        self._asks.append((answer, taken))

    def answer_look(self, answer: Answer) -> None:
        """Answer the next look like this."""
        self._answers.append(answer)

    def forget(self) -> None:
        """Know of no question any more."""
        self._jobs.clear()

    def ask(self, key: str, emails: Sequence[str]) -> AskAnswer:
        """Take the question, unless the script says otherwise."""
        if self.away:
            return _AWAY
        answer, taken = self._asks.popleft() if self._asks else (None, True)
        if taken and key not in self._jobs:
            self.paid.update(emails)
            self._jobs[key] = [Finding(email, *self.know(email)) for email in emails]
        if answer is not None:
            return answer
        return Asked(key) if self._looks else Found(self._jobs[key])

    def answer(self, reference: str) -> Answer:
        """Answer, once it was looked for often enough."""
        if self.away:
            return _AWAY
        if self._answers:
            return self._answers.popleft()
        if reference not in self._jobs:
            return Forgotten()
        self._looked[reference] += 1
        if self._looked[reference] < self._looks:
            return NotYet(1.0)
        return Found(self._jobs[reference])

    def introduce(self) -> str:
        """Say where it is."""
        if self.away:
            raise Unavailable(_AWAY.why, code="verifier_unavailable")
        return "a verifier in memory"
