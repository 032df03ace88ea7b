"""Histories of verification: crashes anywhere, lost answers, time passing, budgets of days.

Whatever befalls a run, nobody unknown or invalid becomes a contact, no day costs more than it may,
no mailbox is paid for twice while it is believed, and once the provider answers, nobody waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
from maverick_core.pipeline.verification.verdicts import (
    Finding,
    Policy,
    Reason,
    Verdict,
    believed_until,
)
from maverick_core.retry import Trouble
from maverick_core.workspaces.rules import new_workspace

SLUGS: Final = ("acme", "zeta")
NAMES: Final = tuple(f"{local}@{host}.example" for host in ("one", "two", "any") for local in "abc")
DAILY: Final = 4
RUN: Final = Origin(OriginKind.SCRAPE_RUN, 1)

KINDS: Final = (
    (Verdict.VALID, Reason.MAILBOX_EXISTS),
    (Verdict.INVALID, Reason.NO_SUCH_MAILBOX),
    (Verdict.UNKNOWN, Reason.NO_ANSWER),
    (Verdict.RISKY, Reason.ROLE),
)


class Died(Exception):
    """The worker is gone."""


class Mortal:
    """A port whose caller dies at its ``n``-th call, before it or right after."""

    def __init__(self, served: object, calls: int, *, after: bool) -> None:
        """Serve as ``served`` does, until then."""
        self._served = served
        self._left = calls
        self._after = after

    def __getattr__(self, name: str) -> Any:
        """Return the port's method, which may be the last thing that is called."""
        method: Any = getattr(self._served, name)
        if not callable(method):
            return method

        def call(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left < 0 and not self._after:
                raise Died
            result = method(*arguments, **named)
            if self._left < 0:
                raise Died
            return result

        return call


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
        calls=st.integers(0, 14),
        after=st.booleans(),
        whose=st.sampled_from(["record", "verifier"]),
    )
    def die(self, slug: str, calls: int, after: bool, whose: str) -> None:  # noqa: FBT001
        """Run, and die at some call of a port: before it, or when it is done."""
        record = Mortal(self.store, calls, after=after) if whose == "record" else None
        verifier = Mortal(self.provider, calls // 3, after=after) if whose == "verifier" else None
        try:
            self.run(slug, record, verifier, again=False)
        except Died:
            return

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
        last: dict[str, datetime] = {}
        for at, email in self.provider.bills:
            if email in last and email in self.answered_before(last[email], at):
                raise AssertionError("a mailbox was paid for twice while it was believed")
            last[email] = at

    def answered_before(self, paid_at: datetime, asked_at: datetime) -> set[str]:
        """Return whose finding, believed at ``asked_at``, is of the time since ``paid_at``."""
        rows = self.store._tables.verification.findings  # noqa: SLF001 - what no port tells
        return {
            email
            for email, row in rows.items()
            if row.found_at < asked_at < believed_until(row.finding.verdict, row.found_at)
            and paid_at <= row.found_at
        }

    def teardown(self) -> None:
        """Let the provider answer from now on: in the end nobody waits."""
        if not hasattr(self, "store"):
            return
        self.provider._asks.clear()  # noqa: SLF001 - the script's end
        self.provider._answers.clear()  # noqa: SLF001
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
