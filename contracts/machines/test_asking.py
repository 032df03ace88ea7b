"""Histories of asking: people and sweeps ask for anything at any time, workers work and die.

However they mix, no two operations about the same are open, nothing is asked for that does not
wait, and in the end, when whoever can has done what was asked, nothing waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.machines.crew import Crew
from contracts.store.catalogue import suppress
from contracts.store.site import LEASE, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.time import Month
from maverick_core.operations.rules import about
from maverick_core.pipeline.invariants import broken, raw_buckets_add_up
from maverick_core.pipeline.onward.rules import PAUSE, Asked, StageAnswer
from maverick_core.pipeline.scraping.rules import OVER
from maverick_core.pipeline.stages import Stage
from maverick_core.workspaces.rules import Workspace

SLUGS: Final = ("acme", "zeta")
NAMES: Final = tuple("abcdefgh")
_LONG: Final = 24 * 3_600
_AMPLE: Final = 1_000
_ROUNDS: Final = 60
_slugs = st.sampled_from(SLUGS)
_whose = st.sampled_from([*SLUGS, None])
_stages = st.sets(st.sampled_from(Stage), min_size=1)


class Asking(RuleBasedStateMachine):
    """Two workspaces, eight mailboxes, batches of two, four mailboxes a day for the verifier."""

    @initialize()
    def begin(self) -> None:
        """Start with nobody, and without targets."""
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        leases_run_out = lambda: self.clock.advance(LEASE)  # noqa: E731
        self.site = Site(self.store, self.clock, leases_run_out, lambda *_: self.store)
        self.crew = Crew(self.site)
        self.workspaces = {slug: self.site.workspace(slug, target=None) for slug in SLUGS}

    @rule(slug=_slugs, names=st.sets(st.sampled_from(NAMES), min_size=1))
    def list_people(self, slug: str, names: set[str]) -> None:
        """Let a list come in."""
        self.crew.list_people(self.workspaces[slug], names)

    @rule(slug=_slugs, name=st.sampled_from(NAMES))
    def add_source(self, slug: str, name: str) -> None:
        """Describe a source, or again one that there is."""
        self.crew.describe_source(self.workspaces[slug], name)

    @rule(slug=_slugs, contacts=st.integers(0, 4))
    def set_target(self, slug: str, contacts: int) -> None:
        """Set or change the target."""
        id_ = self.workspaces[slug].id
        self.store.set_target(id_, self.month, contacts, at=self.clock.now())

    @rule(slug=_slugs, name=st.sampled_from(NAMES))
    def suppress(self, slug: str, name: str) -> None:
        """Take somebody out, wherever they are."""
        suppress(self.site, self.workspaces[slug], name)

    @rule(slug=_whose, stages=_stages, at_once=st.booleans())
    def ask(self, slug: str | None, stages: set[Stage], at_once: bool) -> None:  # noqa: FBT001
        """Ask; what is asked for is open then, and to ask again at once adds nothing."""
        before = len(self.store.operations(limit=_AMPLE))
        rehearsed = self.crew.ask(slug, stages, at_once=at_once, dry_run=True)
        assert len(self.store.operations(limit=_AMPLE)) == before

        answers = self.crew.ask(slug, stages, at_once=at_once)
        added = asked(answers)
        assert asked(rehearsed) == added
        assert len(self.store.operations(limit=_AMPLE)) == before + len(added)

        again = self.crew.ask(slug, stages, at_once=at_once)
        assert asked(again) == []
        assert named(again) >= named(answers)

    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """Let a worker do some operation."""
        if waiting := self.store.waiting_operations(limit=100):
            self.crew.operate(data.draw(st.sampled_from(waiting)))

    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """Let a worker begin with an operation and be gone."""
        if waiting := self.store.waiting_operations(limit=100):
            operation = data.draw(st.sampled_from(waiting))
            self.store.claim_operation(operation.id, worker="gone", lease_seconds=LEASE)

    @rule()
    def upload(self) -> None:
        """Let workers upload."""
        self.crew.upload_all()

    @rule(away=st.booleans())
    def be_away(self, away: bool) -> None:  # noqa: FBT001
        """Let the verifier go, or come back."""
        self.crew.verifier.away = away

    @rule(seconds=st.sampled_from([1.0, LEASE, PAUSE.total_seconds(), float(_LONG)]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @property
    def month(self) -> Month:
        """The present one; both are in one zone."""
        return Month.of(self.clock.now(), self.workspaces["acme"].zone)

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def no_two_alike_are_open(self) -> None:
        """Whoever asked, and however often."""
        opened = Counter(
            (each.kind, each.slug, about(each.kind, each.arguments))
            for each in self.store.open_operations()
        )
        assert max(opened.values(), default=0) <= 1

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def buckets_add_up(self) -> None:
        """Nobody is lost between the stages."""
        assert raw_buckets_add_up(self.store.raw_snapshot()) == []
        assert broken(self.store.snapshot()) == []

    def teardown(self) -> None:
        """Give room and answers: asking and working in turns, all comes to an end."""
        if not hasattr(self, "store"):
            return
        self.crew.verifier.away = False
        for _ in range(_ROUNDS):
            self.clock.advance(_LONG / 2)
            for workspace in self.workspaces.values():
                now = self.clock.now()
                self.store.set_target(workspace.id, self.month, _AMPLE, at=now)
            self.crew.ask()
            self.crew.operate_all()
            self.crew.upload_all()
            if not self.left():
                break
        else:
            raise AssertionError("there is no end of it")

        self.buckets_add_up()
        for workspace in self.workspaces.values():
            self.nothing_waits_of(workspace)

    def left(self) -> list[StageAnswer]:
        """Return what still waits. Who must not be written to is free for ever, and no work."""
        answers = self.crew.ask(dry_run=True)
        return [
            each
            for each in answers
            if each.asked is not Asked.NOTHING
            and not (each.stage is Stage.BATCHING and not self.eligible(each.slug))
        ]

    def eligible(self, slug: str) -> Sequence[int]:
        """Return somebody who may be planned, if there is anybody."""
        with self.store.reserve(self.workspaces[slug].id, self.month) as month:
            return month.eligible(after=0, limit=1)

    def nothing_waits_of(self, workspace: Workspace) -> None:
        """Look for yourself; to be planned are those left who must not be written to."""
        buckets = self.store.buckets(workspace.id)
        assert (buckets.raw_waiting, buckets.candidates_waiting) == (0, 0)
        assert all(view.last_state in OVER for view in self.store.sources(workspace.id))
        assert not self.store.claimable(workspace_id=workspace.id, limit=1)
        assert not self.eligible(workspace.slug)


def asked(answers: Sequence[StageAnswer]) -> list[tuple[str, Stage, str]]:
    """Return what was asked for."""
    return [(each.slug, each.stage, each.about) for each in answers if each.asked is Asked.ASKED]


def named(answers: Sequence[StageAnswer]) -> set[int]:
    """Return the operations that the answers name."""
    return {each.operation.id for each in answers if each.operation}


TestAsking = Asking.TestCase
TestAsking.settings = settings(
    max_examples=max(300, settings().max_examples), stateful_step_count=30
)
