"""Any history of the whole pipeline: people, deaths, frozen workers, and an unkind outside."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.machines.lists import FLAWS
from contracts.machines.mortal import Killed, Life
from contracts.machines.pipeline.laws import broken
from contracts.machines.pipeline.worker import STAGES, Worker
from contracts.machines.pipeline.world import LISTED, MAILBOXES, SLUGS, Row, World
from contracts.machines.provider import KINDS
from contracts.store.site import SiteFactory
from maverick_adapters.memory import TakenBut
from maverick_core.kernel.errors import Conflict
from maverick_core.pipeline.batch import LIVE
from maverick_core.pipeline.scraping.ports import Answer as PageAnswer
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow
from maverick_core.pipeline.upload.answers import Limited, Lost, PushAnswer
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Declined,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
)
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Trouble

ONE_LEAD: Final = 1  # a request, so that a batch of two has two of them
MOST_LISTS: Final = 5
ROUNDS: Final = 40  # of a day; a world that is not at rest by then never will be

slugs = st.sampled_from(SLUGS)
stages = st.sampled_from(sorted(STAGES))
steps = st.integers(1, 50)
rows = st.lists(
    st.tuples(st.sampled_from(sorted(FLAWS.keys() - {"role"})), st.sampled_from(LISTED)),
    min_size=1,
    max_size=5,
)
patterns = st.sampled_from([*MAILBOXES, "any.example"])
seconds = st.sampled_from([61, 601, 3_600 * 5, 86_400, 86_400 * 15, 86_400 * 31])

ASKS: Final[tuple[tuple[AskAnswer, bool], ...]] = (
    (NoAnswer(Trouble.LOST, "lost"), True),
    (NoAnswer(Trouble.LOST, "lost"), False),
    (NoAnswer(Trouble.UNAVAILABLE, "away"), False),
    (Declined("verifier_credits_used_up", "none left"), False),
)
LOOKS: Final[tuple[Answer, ...]] = (
    NoAnswer(Trouble.LOST, "lost"),
    NotYet(20.0),
    Forgotten(),
    Found([]),
    Found([Finding("stranger@x.example", Verdict.VALID, Reason.MAILBOX_EXISTS)]),
)
PUSHES: Final[tuple[PushAnswer | TakenBut, ...]] = (
    TakenBut(),
    Lost("reset"),
    Limited(1.0),
)
VISITS: Final[tuple[PageAnswer, ...]] = (
    NotNow(Trouble.LIMITED, "429"),
    NotNow(Trouble.UNAVAILABLE, "502"),
    NotFetched("page_missing", "404"),
)


class Pipeline(RuleBasedStateMachine):
    """Two workspaces, eight mailboxes; ``sites`` and ``worker_type`` are where mutants come in."""

    sites: ClassVar[SiteFactory]
    worker_type: ClassVar[type[Worker]] = Worker

    def __init__(self) -> None:
        """Start with nobody."""
        super().__init__()
        self.world = World(type(self).sites(ONE_LEAD))
        self.raw_before = self.world.record.raw_snapshot()
        self.before = self.world.record.snapshot()

    # What comes in

    @initialize(rows=rows)
    def open(self, rows: list[Row]) -> None:
        """Begin where histories become interesting: with contacts that wait to be judged."""
        self.bring_list(SLUGS[0], rows)
        self.visit(SLUGS[0])
        for stage in ("import", "scrape"):
            self.work(stage, SLUGS[0])

    @precondition(lambda self: len(self.world.lists) < MOST_LISTS)
    @rule(slug=slugs, rows=rows)
    def bring_list(self, slug: str, rows: list[Row]) -> None:
        """Have a messy list imported."""
        self.world.bring_list(slug, rows)

    @precondition(lambda self: 0 < len(self.world.lists) < MOST_LISTS)
    @rule(slug=slugs, pick=st.integers(0, 4), fix=st.sets(st.integers(0, 4), min_size=1))
    def bring_rejects(self, slug: str, pick: int, fix: set[int]) -> None:
        """Have a corrected rejects file imported."""
        if lists := self.world.importing[slug].raw:
            self.world.bring_rejects(slug, lists[pick % len(lists)], fix)

    @rule(slug=slugs)
    def visit(self, slug: str) -> None:
        """Have the directory scraped, again perhaps."""
        self.world.visit(slug)

    # What people decide

    @rule(slug=slugs, words=st.sampled_from([[], ["oak"], ["lee"]]))
    def set_rules(self, slug: str, words: list[str]) -> None:
        """Filter by other rules: lists are of Oak, everybody in the directory is a Lee."""
        self.world.set_rules(slug, blocked_words=words)

    @rule(slug=st.none() | slugs, pattern=patterns)
    def suppress(self, slug: str | None, pattern: str) -> None:
        """Let somebody want no mail, at whatever stage he is."""
        self.world.suppress(slug, pattern)

    @precondition(lambda self: self._about_to_be_sent())
    @rule(pick=st.integers(0, 3))
    def suppress_at_the_last_moment(self, pick: int) -> None:
        """Let somebody want no mail who is in a batch already."""
        members = self._about_to_be_sent()
        self.world.suppress(None, members[pick % len(members)])

    def _about_to_be_sent(self) -> list[str]:
        now = self.before
        return [
            now.contact[row.contact_id].email
            for row in now.members
            if now.batch[row.batch_id].state in LIVE and row.contact_id not in now.outcome
        ]

    @precondition(lambda self: self.world.unwanted)
    @rule(pick=st.integers(0, 3))
    def lift(self, pick: int) -> None:
        """Let somebody want mail again."""
        unwanted = sorted(self.world.unwanted, key=str)
        self.world.lift(*unwanted[pick % len(unwanted)])

    @rule(slug=slugs, contacts=st.integers(0, 6))
    def set_target(self, slug: str, contacts: int) -> None:
        """Want more this month, or less."""
        now = self.world.clock.now()
        self.world.set_target(slug, contacts, self.world.month(slug, now))

    @rule(slug=slugs, risks=st.sets(st.sampled_from([Reason.ROLE, Reason.CATCH_ALL])))
    def take_risks(self, slug: str, risks: set[Reason]) -> None:
        """Accept other risks."""
        self.world.take_risks(slug, *risks)

    @rule(slug=slugs, days=st.sampled_from([None, 1, 10]))
    def set_overlap(self, slug: str, days: int | None) -> None:
        """Let refills come closer, or not."""
        self.world.set_overlap(slug, days)

    @precondition(lambda self: self.before.batches)
    @rule(pick=st.integers(0, 5), use_case=st.sampled_from([RequeueBatch, CancelBatch]))
    def decide(self, pick: int, use_case: type[RequeueBatch | CancelBatch]) -> None:
        """Re-queue or cancel a batch, whatever state it is in."""
        batches = self.before.batches
        with suppress(Conflict):
            decision = use_case(self.world.record, self.world.clock)
            decision(batches[pick % len(batches)].id, by="kim")

    # What happens outside

    @rule(answers=st.lists(st.sampled_from(ASKS), min_size=1, max_size=3))
    def lose_questions(self, answers: list[tuple[AskAnswer, bool]]) -> None:
        """Answer the next questions badly; some are worked on nevertheless."""
        for answer, taken in answers:
            self.world.provider.answer_ask(answer, taken=taken)

    @rule(answers=st.lists(st.sampled_from(LOOKS), min_size=1, max_size=3))
    def lose_answers(self, answers: list[Answer]) -> None:
        """Answer the next looks badly, or in part."""
        for answer in answers:
            self.world.provider.answer_look(answer)

    @rule(email=st.sampled_from(MAILBOXES), kind=st.sampled_from(KINDS))
    def change(self, email: str, kind: tuple[Verdict, Reason]) -> None:
        """Let a mailbox be another one from now on."""
        self.world.provider.kinds[email] = kind

    @rule(
        answers=st.lists(st.sampled_from(PUSHES), min_size=1, max_size=4), names_rows=st.booleans()
    )
    def lose_requests(self, answers: list[PushAnswer | TakenBut], *, names_rows: bool) -> None:
        """Answer the next pushes badly; some are taken nevertheless."""
        self.world.bison.names_rows = names_rows
        self.world.bison.answer_next(*answers)

    @rule()
    def go_down_or_up(self) -> None:
        """Let the destination fail from now on, or work again."""
        self.world.is_down = not self.world.is_down

    @rule(answers=st.lists(st.sampled_from(VISITS), min_size=1, max_size=3))
    def lose_pages(self, answers: list[PageAnswer]) -> None:
        """Give the next pages not, or not now."""
        self.world.directory.answer_fetch(*answers)

    @rule(seconds=seconds)
    def wait(self, seconds: int) -> None:
        """Let time pass: leases run out, days and months begin, beliefs end."""
        self.world.clock.advance(seconds)

    # Who works

    @rule(stage=stages, slug=slugs)
    def work(self, stage: str, slug: str) -> None:
        """Do a stage."""
        self._worker().do(stage, slug)

    @rule(slug=slugs, last=st.sampled_from(["verify", "plan", "upload", "refill"]))
    def run(self, slug: str, last: str) -> None:
        """Do all stages up to the ``last``, one after the other."""
        order = list(STAGES)
        for stage in order[: order.index(last) + 1]:
            self._worker().do(stage, slug)

    @rule(stage=stages, slug=slugs, step=steps)
    def die(self, stage: str, slug: str, step: int) -> None:
        """Do a stage and die at a step; leases are as they are."""
        with suppress(Killed):
            self._worker(Life(step)).do(stage, slug)

    @rule(stage=stages, slug=slugs, step=steps, other=st.none() | stages, late=st.booleans())
    def freeze(self, stage: str, slug: str, step: int, other: str | None, *, late: bool) -> None:
        """Freeze at a step while somebody does that stage, or another, and go on then."""

        def meanwhile() -> None:
            if late:
                self.world.leases_run_out()
            self._worker().do(other or stage, slug)

        self._worker(Life(step, meanwhile)).do(stage, slug)

    def _worker(self, life: Life | None = None) -> Worker:
        return type(self).worker_type(self.world, life)

    # What holds

    @invariant()
    def the_laws_hold(self) -> None:
        """Ask every law that holds at any moment, unless nothing has changed since."""
        record = self.world.record
        now = record.raw_snapshot(), record.snapshot()
        if now != (self.raw_before, self.before):
            assert (found := broken(self.world, self.before)) == [], found
            self.raw_before, self.before = now

    def teardown(self) -> None:
        """Let everything run on undisturbed: in the end nothing waits, and nothing is lost."""
        world = self.world
        world.is_down = False
        world.provider.be_kind()
        world.directory.be_kind()
        world.leases_run_out()
        # On one day the provider's budget may be used up; on the next it is not.
        at_rest = (self._is_idle_day() and self._is_idle_day() for _ in range(ROUNDS))
        assert any(at_rest), "there is always more to do"

        assert (found := broken(world, self.before, at_rest=True)) == [], found
        assert not world.record.waiting_imports(limit=1)
        assert not [batch.id for batch in world.record.snapshot().batches if batch.state in LIVE]
        for slug in SLUGS:
            whose = world.id_of(slug)
            assert world.record.on_the_way(whose) == 0
            assert world.record.open_question(whose) is None

    def _is_idle_day(self) -> bool:
        """Let a day pass with all that there is to do in it; say whether that was nothing."""
        record = self.world.record
        before = record.raw_snapshot(), record.snapshot()
        for batch in before[1].batches:
            with suppress(Conflict):
                RequeueBatch(record, self.world.clock)(batch.id, by="kim")
        for slug in SLUGS:
            self.run(slug, "refill")
        self.world.clock.advance(86_400)
        return before == (record.raw_snapshot(), record.snapshot())
