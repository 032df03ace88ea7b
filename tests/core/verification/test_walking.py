"""A run's order of work: what is known is settled while the provider works on something else."""

from __future__ import annotations

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
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.ports import Answer
from maverick_core.pipeline.verification.service import Verified, VerifyCandidates
from maverick_core.pipeline.verification.verdicts import Reason, Verdict
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


def verify(emails: list[str], daily: int | None = None) -> tuple[Watched, MemoryStore, Verified]:
    """Bring the mailboxes in and verify them, two a question."""
    clock = ManualClock()
    store = MemoryStore(clock)
    workspace = store.add_workspace(new_workspace(SLUG, "America/New_York"))
    now = clock.now()
    rows = [NewRaw(number, email=email) for number, email in enumerate(emails)]
    store.add_raw(workspace.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)
    with store.raw_page(workspace.id, limit=len(rows)) as page:
        kept = [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows]
        judged = [Judgement(row.id, KEPT, "") for row in page.rows]
        page.close(judged, kept, rules_version=0, at=now)
    verifier = Watched(store)
    terms = VerificationTerms(question=QUESTION, daily_limit=daily)
    ask = AskVerifier(store, verifier, MemoryRandomness(), clock, terms)
    run = VerifyCandidates(store, store, ask, clock)
    return verifier, store, run(SLUG, breath=InstantAirfield(clock).flights())


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
