"""A run's order of work: what is known is settled while the provider works on something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from maverick_adapters.memory import (
    InstantAirfield,
    ManualClock,
    MemoryRandomness,
    MemoryStore,
)
from maverick_adapters.memory.verifier import MemoryVerifier
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification import walking
from maverick_core.pipeline.verification.asking import STOPPED, AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.ports import Answer
from maverick_core.pipeline.verification.service import Verified, VerifyCandidates
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.workspaces.rules import new_workspace

QUESTION = 2
SLUG = "acme"


class Watched(MemoryVerifier):
    """Notes how many verdicts were on record at each look for an answer."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(self._says)
        self.settled_at_looks: list[int] = []
        self._store = store

    @staticmethod
    def _says(email: str) -> tuple[Verdict, Reason]:
        if email.endswith("@any.example"):
            return Verdict.RISKY, Reason.CATCH_ALL
        return Verdict.VALID, Reason.MAILBOX_EXISTS

    def answer(self, reference: str) -> Answer:
        """Note it, and answer."""
        counts = self._store.verification_counts(1)
        self.settled_at_looks.append(counts.contacts + sum(counts.not_mailable.values()))
        return super().answer(reference)


@dataclass
class Rig:
    """A store in which these mailboxes wait, and runs of the use case on it, two a question."""

    emails: Sequence[str]
    daily: int | None = None
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        """Bring them in."""
        self.store = store = MemoryStore(self.clock)
        self.verifier = Watched(store)
        self.workspace = store.add_workspace(new_workspace(SLUG, "America/New_York"))
        now = self.clock.now()
        rows = [NewRaw(number, email=email) for number, email in enumerate(self.emails)]
        store.add_raw(self.workspace.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)
        with store.raw_page(self.workspace.id, limit=len(rows)) as page:
            kept = [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows]
            judged = [Judgement(row.id, KEPT, "") for row in page.rows]
            page.close(judged, kept, rules_version=0, at=now)

    def run(self, stop_when: Callable[[Verified], bool] = lambda _: False) -> Verified:
        """Verify them, until it is told to stop."""
        store, airfield = self.store, InstantAirfield(self.clock)
        terms = VerificationTerms(question=QUESTION, daily_limit=self.daily)
        ask = AskVerifier(store, self.verifier, MemoryRandomness(), self.clock, terms)

        def told(so_far: Verified) -> None:
            airfield.closed = airfield.closed or stop_when(so_far)

        verify = VerifyCandidates(store, store, ask, self.clock)
        return verify(SLUG, breath=airfield.flights(), told=told)


def verify(emails: list[str], daily: int | None = None) -> tuple[Watched, MemoryStore, Verified]:
    """Bring the mailboxes in and verify them."""
    rig = Rig(emails, daily)
    verified = rig.run()
    return rig.verifier, rig.store, verified


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a page as long as a question, so that a question's candidates are a stretch."""
    monkeypatch.setattr(walking, "PAGE", QUESTION)


def test_a_question_is_settled_while_the_next_one_is_worked_on() -> None:
    """Not before it is asked: the provider would wait for us, and not we for the provider."""
    verifier, _, verified = verify([f"p{number}@d{number}.example" for number in range(6)])

    assert verifier.settled_at_looks == [0, 2, 4]
    assert verified.settled == verified.asked == 6


def test_what_an_answer_tells_of_a_domain_holds_for_the_stretch_that_was_looked_at_before() -> None:
    """One mailbox of a domain that takes any name is paid for, wherever the others stand."""
    verifier, _, verified = verify([f"p{number}@any.example" for number in range(7)])

    assert sum(verifier.paid.values()) == 1
    assert verified.settled == 7


def test_a_budget_that_ends_leaves_nobody_unsettled_who_was_paid_for() -> None:
    emails = [f"p{number}@d{number}.example" for number in range(7)]
    verifier, store, verified = verify(emails, daily=3)

    assert sum(verifier.paid.values()) == verified.asked == verified.settled == 3
    assert store.verification_counts(1).waiting == 4


def test_who_was_passed_over_for_a_probe_is_asked_for_in_the_end() -> None:
    """The probe's answer comes when the walk is past them."""
    emails = [f"p{number}@one.example" for number in range(5)]
    verifier, store, verified = verify(emails)

    assert set(verifier.paid.values()) == {1}
    assert verified.settled == verified.mailable == 5
    assert store.verification_counts(1).waiting == 0


def test_who_is_told_to_stop_begins_no_further_page() -> None:
    """A stretch of whom all is known may be the whole workspace; the next run goes on with it."""
    rig = Rig([f"p{number}@d{number}.example" for number in range(6)])
    question = rig.store.begin_question(
        rig.workspace.id, rig.emails, key="k", provider="p", daily_limit=None, at=rig.clock.now()
    )
    assert question is not None
    known = [Finding(email, Verdict.VALID, Reason.MAILBOX_EXISTS) for email in rig.emails]
    rig.store.question_answered(question.id, known, {}, at=rig.clock.now())

    stopped = rig.run(lambda so_far: so_far.settled > 0)

    assert (stopped.settled, stopped.why) == (QUESTION, STOPPED)
    assert rig.run().settled == 4


def test_who_is_told_to_stop_leaves_what_was_answered_for_to_the_next_run() -> None:
    """It is on record, and nobody is paid for it again."""
    rig = Rig([f"p{number}@d{number}.example" for number in range(6)])

    stopped = rig.run(lambda so_far: so_far.asked > 0)

    assert (stopped.asked, stopped.settled, stopped.why) == (QUESTION, 0, STOPPED)
    assert rig.run().settled == 6
    assert set(rig.verifier.paid.values()) == {1}
