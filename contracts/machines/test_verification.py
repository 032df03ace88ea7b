"""Histories of verification: crashes anywhere, lost answers, time passing, budgets of days.

Whatever befalls a run, nobody unknown or invalid becomes a contact, no day costs more than it may,
no mailbox is paid for twice while it is believed, and once the provider answers, nobody waits.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.machines.mortal import Killed, Life, Mortal
from contracts.machines.provider import KINDS, Provider, paid_while_believed
from maverick_adapters.memory import (
    InstantAirfield,
    ManualClock,
    MemoryRandomness,
    MemoryStore,
)
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.invariants import broken, raw_buckets_add_up
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Declined,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
    Refused,
)
from maverick_core.pipeline.verification.service import VerifyAgain, VerifyCandidates
from maverick_core.pipeline.verification.verdicts import Finding, Policy, Reason, Verdict
from maverick_core.retry import Trouble
from maverick_core.workspaces.rules import new_workspace

SLUGS: Final = ("acme", "zeta")
NAMES: Final = tuple(f"{local}@{host}.example" for host in ("one", "two", "any") for local in "abc")
DAILY: Final = 4
RUN: Final = Origin(OriginKind.SCRAPE_RUN, 1)


class Verification(RuleBasedStateMachine):
    """Two workspaces, nine mailboxes on three domains, four of them a day."""

    @initialize()
    def begin(self) -> None:
        """Start with nobody."""
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        self.provider = Provider(self.clock)
        self.randomness = MemoryRandomness()
        self.ids = {
            slug: self.store.add_workspace(new_workspace(slug, "America/New_York", batch_size=2)).id
            for slug in SLUGS
        }
        self.brought: Counter[str] = Counter()

    def use_case(self, record: Any, verifier: Any) -> VerifyCandidates:
        """Wire a run on ``record`` and ``verifier``."""
        terms = VerificationTerms(question=3, daily_limit=DAILY, patience_seconds=30)
        ask = AskVerifier(record, verifier, self.randomness, self.clock, terms)
        return VerifyCandidates(self.store, record, ask, self.clock)

    def run(self, slug: str, record: Any = None, verifier: Any = None, *, again: bool) -> str:
        """Run once; return why it ended."""
        verify = self.use_case(record or self.store, verifier or self.provider)
        breath = InstantAirfield(self.clock).flights()
        if again:
            again_ = VerifyAgain(self.store, self.store, verify, self.clock)
            return again_(slug, breath=breath).why
        return verify(slug, breath=breath).why

    @rule(slug=st.sampled_from(SLUGS), emails=st.sets(st.sampled_from(NAMES), min_size=1))
    def bring(self, slug: str, emails: set[str]) -> None:
        """Make those candidates that are none yet."""
        workspace_id = self.ids[slug]
        with self.store.raw_page(workspace_id, limit=99) as page:
            known = page.holders(emails, everywhere=False)
        new = sorted(emails - known.keys())
        rows = [NewRaw(number, email=email) for number, email in enumerate(new, 1)]
        self.store.add_raw(workspace_id, RUN, rows, at=self.clock.now())
        with self.store.raw_page(workspace_id, limit=99) as page:
            page.close(
                [Judgement(row.id, KEPT, "") for row in page.rows],
                [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows],
                rules_version=0,
                at=self.clock.now(),
            )
        self.brought[slug] += len(new)

    @rule(email=st.sampled_from(NAMES), kind=st.sampled_from(KINDS))
    def change(self, email: str, kind: tuple[Verdict, Reason]) -> None:
        """Let a mailbox be another one from now on."""
        self.provider.kinds[email] = kind

    @rule(slug=st.sampled_from(SLUGS), again=st.booleans())
    def verify(self, slug: str, again: bool) -> None:  # noqa: FBT001 - drawn
        """Run undisturbed."""
        self.run(slug, again=again)

    @rule(
        slug=st.sampled_from(SLUGS),
        ends_at=st.integers(1, 45),
        whose=st.sampled_from(["record", "verifier"]),
    )
    def die(self, slug: str, ends_at: int, whose: str) -> None:
        """Run, and die at some step of a port."""
        record = Mortal(self.store, Life(ends_at)) if whose == "record" else None
        verifier = Mortal(self.provider, Life(ends_at // 4)) if whose == "verifier" else None
        with suppress(Killed):
            self.run(slug, record, verifier, again=False)

    @rule(
        answer=st.sampled_from(
            [
                NoAnswer(Trouble.LOST, "lost"),
                NoAnswer(Trouble.UNAVAILABLE, "away"),
                NoAnswer(Trouble.LIMITED, "later", 1.0),
                Declined("verifier_credits_used_up", "none left"),
                Refused("verifier_refused", "no"),
            ]
        ),
        taken=st.booleans(),
        times=st.integers(1, 3),
    )
    def break_asks(self, answer: AskAnswer, taken: bool, times: int) -> None:  # noqa: FBT001
        """Answer the next questions badly; some are worked on nevertheless."""
        for _ in range(times):
            self.provider.answer_ask(answer, taken=taken and isinstance(answer, NoAnswer))

    @rule(
        answer=st.sampled_from(
            [
                NoAnswer(Trouble.LOST, "lost"),
                NotYet(20.0),
                Forgotten(),
                Declined("verifier_key_refused", "no"),
                Found([]),
                Found([Finding("stranger@x.example", *KINDS[0])]),
            ]
        ),
        times=st.integers(1, 3),
    )
    def break_looks(self, answer: Answer, times: int) -> None:
        """Answer the next looks badly, or in part."""
        for _ in range(times):
            self.provider.answer_look(answer)

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 15, 24 * 31, 24 * 200]))
    def wait(self, hours: int) -> None:
        """Let time pass: days begin, beliefs end."""
        self.clock.advance(hours * 3_600)

    @rule(
        slug=st.sampled_from(SLUGS), risks=st.sets(st.sampled_from([Reason.ROLE, Reason.CATCH_ALL]))
    )
    def take_risks(self, slug: str, risks: set[Reason]) -> None:
        """Change what a workspace accepts."""
        policy = Policy(frozenset(risks))
        self.store.set_policy(self.ids[slug], policy, by="pat", at=self.clock.now())

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def laws_hold(self) -> None:
        """Every candidate is somewhere, and nobody is mailed by a guess."""
        assert raw_buckets_add_up(self.store.raw_snapshot()) == []
        assert broken(self.store.snapshot()) == []
        for slug, workspace_id in self.ids.items():
            counts = self.store.verification_counts(workspace_id)
            there = counts.waiting + counts.contacts + sum(counts.not_mailable.values())
            assert there == self.brought[slug]
            assert self.store.supply(workspace_id) == counts.contacts

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def no_day_costs_more_than_it_may(self) -> None:
        """On record is at the most what a day may cost, and billed no more than is on record."""
        spending = self.store._tables.verification.spending.values()  # noqa: SLF001
        assert max(spending, default=0) <= DAILY
        assert len(self.provider.bills) <= sum(spending)

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def nobody_is_paid_for_twice_while_he_is_believed(self) -> None:
        """Believe a finding for its time: until then nothing is paid for the mailbox."""
        assert paid_while_believed(self.provider, self.store) == []

    def teardown(self) -> None:
        """Let the provider answer from now on: in the end nobody waits."""
        if not hasattr(self, "store"):
            return
        self.provider.be_kind()
        for _ in range(2 * len(NAMES)):
            self.clock.advance(24 * 3_600)
            whys = [self.run(slug, again=False) for slug in SLUGS]
            if not any(whys):
                break

        waiting = [self.store.verification_counts(id_).waiting for id_ in self.ids.values()]
        assert waiting == [0, 0]
        assert not any(self.store.open_question(id_) for id_ in self.ids.values())
        self.laws_hold()


TestVerification = Verification.TestCase
