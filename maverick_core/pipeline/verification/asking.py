"""Ask a provider: one question at a time for each workspace, seen through whoever began it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from maverick_core.access.ports import Randomness
from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breath
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Asked,
    Declined,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
    Question,
    Questions,
    Refused,
    Verifier,
)
from maverick_core.pipeline.verification.rules import remembered_domains
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Retry, RetryPolicy, Trouble

STOPPED: Final = "It was asked to stop."
NO_BUDGET: Final = "The provider's budget for today is used up; the rest follows tomorrow (UTC)."
NOT_DONE: Final = "The provider still works on it. The next run takes up its answer."
_FORGOTTEN: Final = "The provider takes the question and does not know of it afterwards."
_KEY_BYTES: Final = 16
_LONGEST_REST: Final = 20.0  # seconds without a sign of life
_SHORTEST_WAIT: Final = 1.0  # seconds that a question costs of the patience, whatever was said


@dataclass(frozen=True, slots=True)
class VerificationTerms:
    """How a provider is used: mailboxes of one question, and of one day (None: no limit).

    ``patience_seconds`` is how long a run waits for a provider that works on a question.
    """

    question: int = 10_000
    daily_limit: int | None = None
    patience_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Heard:
    """``mailboxes`` were answered for; ``why`` says what kept the provider from it, if anything.

    ``domains`` are what the answer told of domains, True where any name is taken.
    """

    mailboxes: int = 0
    why: str = ""
    domains: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskVerifier:
    """Use case: see a workspace's question through: the one that is open, or a new one.

    A question is on record before it is asked, with a key that makes asking twice one question, and
    what the provider calls it before its answer is waited for. So whoever comes after a worker that
    died pays nothing again. No transaction is open while the provider is spoken to.
    """

    questions: Questions
    verifier: Verifier
    randomness: Randomness
    clock: Clock
    terms: VerificationTerms = field(default_factory=VerificationTerms)
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __call__(
        self,
        workspace_id: int,
        emails: Sequence[str],
        *,
        breath: Breath,
        beat: Callable[[], None] = lambda: None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Heard | None:
        """Ask and wait; None where there is nothing to ask. ``beat`` is called while it waits.

        ``meanwhile`` is called when the provider has taken the question and works on it; again
        where the question had to be asked again.
        """
        question = self.questions.open_question(workspace_id)
        if question is None and not emails:
            return None
        question = question or self._begin(workspace_id, emails)
        if question is None:
            return Heard(why=NO_BUDGET if self.budget_left() == 0 else "")
        if question.provider != self.verifier.name:  # its budget was another one's
            self._close(question, ())
            return Heard()
        return self._see_through(question, breath, beat, meanwhile)

    def _begin(self, workspace_id: int, emails: Sequence[str]) -> Question | None:
        return self.questions.begin_question(
            workspace_id,
            emails,
            key=self.randomness.random_bytes(_KEY_BYTES).hex(),
            provider=self.verifier.name,
            daily_limit=self.terms.daily_limit,
            at=self.clock.now(),
        )

    def budget_left(self) -> int | None:
        """Return how many mailboxes may be asked about yet today; None without a limit."""
        if self.terms.daily_limit is None:
            return None
        spent = self.questions.spent(self.verifier.name, at=self.clock.now())
        return max(0, self.terms.daily_limit - spent)

    def _see_through(
        self,
        question: Question,
        breath: Breath,
        beat: Callable[[], None],
        meanwhile: Callable[[], None],
    ) -> Heard:
        """Return what it came to; an answer is on record by then."""
        reference, tries, waited = question.reference, 0, 0.0
        while not breath.stopping():
            beat()
            said = self._speak(question, reference)
            match said:
                case Asked(reference):
                    self.questions.question_asked(question.id, reference)
                    meanwhile()
                case NotYet(after_seconds):
                    tries = 0
                    waited += max(after_seconds, _SHORTEST_WAIT)
                    if waited > self.terms.patience_seconds:
                        return Heard(why=NOT_DONE)
                    breath.rest(min(after_seconds, _LONGEST_REST))
                case Forgotten() | NoAnswer():
                    tries += 1
                    if isinstance(said, Forgotten):
                        reference, said = None, NoAnswer(Trouble.LOST, _FORGOTTEN)
                    if not self._waits(said, tries, breath):
                        return Heard(why=said.why)
                case _:
                    return self._end(question, said)
        return Heard(why=STOPPED)

    def _speak(self, question: Question, reference: str | None) -> AskAnswer | Answer:
        if reference is None:
            return self.verifier.ask(question.key, question.emails)
        return self.verifier.answer(reference)

    def _waits(self, missing: NoAnswer, tries: int, breath: Breath) -> bool:
        """Wait for the next try; return False where there is none."""
        decision = self.retry.decide(
            missing.trouble, tries=tries, retry_after=missing.retry_after, draw=breath.draw()
        )
        if not isinstance(decision, Retry):
            return False
        breath.rest(decision.after_seconds)
        return True

    def _end(self, question: Question, said: Found | Declined | Refused) -> Heard:
        """Put on record what a question came to."""
        match said:
            case Found(findings):
                domains = self._close(question, _whole(question, findings))
                return Heard(len(question.emails), domains=domains)
            case Refused():
                # Left open, it would be asked and refused for ever, and nobody else be asked.
                self._close(question, _whole(question, ()))
        return Heard(why=f"{said.why} ({said.code})")

    def _close(self, question: Question, findings: Sequence[Finding]) -> Mapping[str, bool]:
        """Believe the findings; return what is remembered of domains."""
        domains = remembered_domains(findings)
        self.questions.question_answered(question.id, findings, domains, at=self.clock.now())
        return domains


def _whole(question: Question, findings: Iterable[Finding]) -> Sequence[Finding]:
    """Return a finding for each mailbox of the question; whom the answer leaves out is unknown."""
    found = {each.email: each for each in findings}
    return [
        found.get(email) or Finding(email, Verdict.UNKNOWN, Reason.NO_ANSWER)
        for email in dict.fromkeys(question.emails)
    ]
