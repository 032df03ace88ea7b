"""Histories of messages: whatever is lost or dies, each incident is told at most once.

The real ``SendNotification`` runs over the memory store and a Slack in memory. Every call of it
may be the last one of its worker, before or after it is made; answers are lost with the message
taken or not; messages of the queue come twice; two workers take their steps in any order. At the
end the weather clears, and then each incident is told exactly once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import pytest

from contracts.store.site import IDENTITY, LEASE, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.memory.slack import MemorySlack
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    Limited,
    LookAnswer,
    Lost,
    NotReached,
    PostAnswer,
)
from maverick_core.notifications.ports import NotificationClaim
from maverick_core.notifications.rules import LEASE_SECONDS, NotificationState
from maverick_core.notifications.service import SendNotification
from maverick_core.pipeline.batch import BatchEvent, BatchState
from maverick_core.pipeline.upload.actions import End
from maverick_core.pipeline.upload.ports import Claim
from maverick_core.workspaces.rules import Hold

SEEDS: Final = 400
STEPS: Final = 60
ROUNDS: Final = 60  # of good weather, an hour each
NEVER_BY_ITSELF: Final = {NotificationState.FAILED, NotificationState.IN_DOUBT}


class Died(BaseException):
    """The worker's process is gone."""


@dataclass
class Mortal:
    """Stands before a port: each call may be the last one, before it is made or after."""

    port: Any
    rng: Random
    seen: Counter[str]
    mortality: float

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the port's method, which may kill."""
        method = getattr(self.port, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self._die_perhaps(f"died before {name}")
            answer = method(*arguments, **named)
            self._die_perhaps(f"died after {name}")
            return answer

        return call

    def _die_perhaps(self, where: str) -> None:
        if self.rng.random() < self.mortality:
            self.seen[where] += 1
            raise Died


_POSTS: Final[Sequence[tuple[PostAnswer, bool]]] = (
    (Lost("reset"), True),
    (Lost("time-out"), True),
    (Lost("reset"), False),
    (NotReached("refused"), False),
    (Limited(3.0), False),
)
"""What befalls a post, and whether the message is there nevertheless."""

_LOOKS: Final[Sequence[LookAnswer]] = (NotReached("502"), Limited())


class StormySlack(MemorySlack):
    """A Slack that any weather befalls; ``foul`` is how often, from 0 to 1."""

    def __init__(self, clock: ManualClock, rng: Random) -> None:
        """Open it in foul weather."""
        super().__init__(clock)
        self.rng = rng
        self.foul = 0.5

    def post(self, text: str, tag: str) -> PostAnswer:
        """Take a post, or not, and say so, or not."""
        if self.rng.random() < self.foul:
            answer, taken = self.rng.choice(_POSTS)
            self.answer_post(answer, taken=taken)
        return super().post(text, tag)

    def look(self, text: str, tag: str, *, since: Any) -> LookAnswer:
        """Answer a look, or not."""
        if self.rng.random() < self.foul / 2:
            self.answer_look(self.rng.choice(_LOOKS))
        return super().look(text, tag, since=since)


@dataclass
class History:
    """One history, told by ``seed`` alone; ``sender`` and ``store`` are where mutants come in."""

    seed: int
    store: type[MemoryStore] = MemoryStore
    sender: Callable[[Any, Any], Callable[[int], object]] = SendNotification
    seen: Counter[str] = field(default_factory=Counter)
    readable: bool = True

    def __post_init__(self) -> None:
        """Set the scene: a workspace whose batches wait."""
        self.rng = Random(self.seed)
        self.clock = ManualClock()
        self.record = self.store(self.clock)
        self.slack = StormySlack(self.clock, self.rng)
        self.slack.readable = self.readable
        out = self.clock.advance
        self.site = Site(self.record, self.clock, lambda: out(LEASE), lambda *_: self.record)
        self.acme = self.site.workspace()
        contacts = self.site.contacts(self.acme, *(f"p{n}" for n in range(12)))
        self.batches = self.site.plan(self.acme, *([each] for each in contacts))
        self.facts: Counter[str] = Counter()

    def run(self) -> None:
        """Live it to its end, asking the law after every step."""
        for _ in range(STEPS):
            self.clock.advance(self.rng.choice([1, 5, 40, LEASE_SECONDS, 400]))
            self.rng.choice(
                [self.fail, self.refuse, self.repair, self.send, self.send, self.send]
            )()
            self.check()
        self.slack.foul = 0.0
        for _ in range(ROUNDS):
            self.clock.advance(3_600)
            for number in self.record.waiting_notifications(limit=99):
                self.sender(self.record, self.slack)(number)
            self.check()

    # Facts

    def fail(self) -> None:
        """Let some batch fail, if one can be had."""
        batch = self.rng.choice(self.batches)
        if self.record.batch(batch).state is BatchState.FAILED:
            self.record.requeue(batch, self.site.decision())
        claim = self.record.claim(batch, worker="w", lease_seconds=LEASE)
        if isinstance(claim, Claim):
            self.record.finish(claim, End(BatchEvent.FAIL, "unavailable"))
            self.facts["batch_failed"] += 1

    def refuse(self) -> None:
        """Let several uploads meet the refusal of the token at once."""
        ready = [b for b in self.batches if self.record.batch(b).state is BatchState.READY]
        claims = [self.record.claim(b, worker="w", lease_seconds=LEASE) for b in ready[:5]]
        held = self.record.workspace("acme").hold
        for claim in claims:
            if isinstance(claim, Claim):
                end = End(BatchEvent.FAIL, "token_refused", holds_workspace=True)
                self.record.finish(claim, end)
        self.site.refuse_token(self.acme.id)
        self.facts["token_refused"] += held is None

    def repair(self) -> None:
        """Store a good token."""
        held = self.record.workspace("acme").hold
        self.facts["token_good_again"] += held is Hold.TOKEN_REFUSED
        self.record.store_token(self.acme.id, "13|x", IDENTITY, at=self.clock.now())

    # Workers

    def send(self) -> None:
        """Let a message of the queue arrive, twice perhaps, at workers that may die."""
        numbers = [each.id for each in self.record.notifications(limit=99)]
        if not numbers:
            return
        number = self.rng.choice(numbers)
        for _ in range(self.rng.choice([1, 1, 2])):
            record = Mortal(self.record, self.rng, self.seen, 0.1)
            sink = Mortal(self.slack, self.rng, self.seen, 0.1)
            try:
                self.sender(record, sink)(number)
            except Died:
                continue

    # Laws

    def check(self) -> None:
        """Each incident is one notification, and at most one message."""
        told = self.record.notifications(limit=999)
        assert Counter(str(each.kind) for each in told) == +self.facts, self.seed
        copies = Counter(message.tag for message in self.slack.messages)
        twice = [tag for tag, count in copies.items() if count > 1]
        assert not twice, f"seed {self.seed}: told twice: {twice}"
        sent = sum(each.state is NotificationState.SENT for each in told)
        assert sent <= len(self.slack.messages), self.seed

    def untold(self) -> list[NotificationState]:
        """Return the states of what nobody was told of in the end."""
        tags = {message.tag for message in self.slack.messages}
        states = {each.id: each.state for each in self.record.notifications(limit=999)}
        assert len(tags) + sum(s in NEVER_BY_ITSELF for s in states.values()) >= len(states)
        return [state for state in states.values() if state is not NotificationState.SENT]


INTERESTING: Final = tuple(
    f"died {when} {step}"
    for when in ("before", "after")
    for step in ("claim_notification", "look", "about_to_post", "post", "end_notification")
)


def test_no_incident_is_told_twice_and_each_is_told_in_the_end() -> None:
    """Where the history can be read; five claims that die are the only way not to be told.

    A failure names its seed, which tells the same history again.
    """
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        history = History(seed)
        history.run()
        assert set(history.untold()) <= NEVER_BY_ITSELF, seed
        seen += history.seen
        seen["facts"] += history.facts.total()
        seen["untold"] += len(history.untold())

    assert [what for what in INTERESTING if not seen[what]] == []
    assert seen["untold"] < seen["facts"] / 20


def test_where_nobody_can_look_doubt_is_left_rather_than_told_twice() -> None:
    """The history may not be read: what was lost stays in doubt."""
    left: Counter[NotificationState] = Counter()
    for seed in range(100):
        history = History(seed, readable=False)
        history.run()
        left.update(history.untold())

    assert left[NotificationState.IN_DOUBT] > 0
    assert set(left) <= NEVER_BY_ITSELF


class _ForgetsIntents(MemoryStore):
    """Mutant: the intent to post is not on record."""

    def about_to_post(self, claim: NotificationClaim, *, lease_seconds: float) -> bool:
        del claim, lease_seconds
        return True


def _without_a_look(record: Any, sink: Any) -> Callable[[int], object]:
    """Mutant: post again without a look."""

    class Blind:
        def __getattr__(self, name: str) -> Any:
            return (lambda *_a, **_k: Absent()) if name == "look" else getattr(sink, name)

    return SendNotification(record, Blind())


def _doubt_is_absence(record: Any, sink: Any) -> Callable[[int], object]:
    """Mutant: a history that cannot be read counts as an empty one."""

    class Hopeful:
        def look(self, *arguments: Any, **named: Any) -> LookAnswer:
            found: LookAnswer = sink.look(*arguments, **named)
            return found if isinstance(found, Arrived) else Absent()

        def __getattr__(self, name: str) -> Any:
            return getattr(sink, name)

    return SendNotification(record, Hopeful())


@pytest.mark.parametrize(
    "mutant",
    [
        {"sender": _without_a_look},
        {"sender": _doubt_is_absence},
        {"sender": _doubt_is_absence, "readable": False},
        {"store": _ForgetsIntents},
    ],
    ids=["no look", "a failed look is an empty one", "unreadable is empty", "no intent on record"],
)
def test_the_law_has_teeth(mutant: dict[str, Any]) -> None:
    """Each way of being careless tells somebody twice."""

    def run() -> None:
        for seed in range(100):
            History(seed, **mutant).run()

    with pytest.raises(AssertionError, match="told twice"):
        run()
