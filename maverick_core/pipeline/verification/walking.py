"""The walk over a workspace's candidates, one stretch ahead of the questions.

A stretch is as many candidates as one question is made of. It is gone over twice: first for whom to
ask about, which is done while the provider works on the stretch before; and once it is answered
for, to settle it, which is done while the provider works on the stretch after. So a run takes as
long as its provider. Whoever was passed over, because a domain is probed first, is found by the
next walk from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breath
from maverick_core.pipeline.verification.ports import CandidatePage, Candidates
from maverick_core.pipeline.verification.rules import (
    Settled,
    domain_of,
    settle,
    worth_asking,
)
from maverick_core.pipeline.verification.verdicts import Policy

PAGE: Final = 5_000  # candidates of one transaction


@dataclass(slots=True)
class _Stretch:
    """Candidates with ids behind ``after`` and up to ``last``, None where nothing comes after.

    ``unknown`` are the mailboxes that nothing is known of, ``memory`` what is known of domains.
    """

    after: int | None
    last: int | None
    unknown: Sequence[str] = ()
    memory: dict[str, bool] = field(default_factory=dict)

    def learn(self, domains: Mapping[str, bool]) -> None:
        """Know more of domains: where any name is taken, nobody is to be asked about."""
        self.memory.update(domains)
        self.unknown = [each for each in self.unknown if not domains.get(domain_of(each))]


class Walk:
    """One run's way through a workspace; ``limit`` are the mailboxes of a question.

    ``settled`` hears of each page what was settled on it, after its transaction. With the wish to
    stop no further page is begun: findings are on record, and the next walk settles by them.
    """

    def __init__(
        self,
        candidates: Candidates,
        clock: Clock,
        workspace_id: int,
        settled: Callable[[Sequence[Settled]], None],
        *,
        limit: int,
        breath: Breath,
    ) -> None:
        """Look at the first stretch, and settle who on it is known."""
        self._candidates = candidates
        self._clock = clock
        self._workspace_id = workspace_id
        self._policy = candidates.policy(workspace_id)
        self._settled = settled
        self._limit = limit
        self._breath = breath
        self._answered: _Stretch | None = None
        self._ahead: _Stretch | None = None
        self._asking = self._look(candidates.first_waiting(workspace_id))

    def whom(self) -> Sequence[str]:
        """Return whom to ask about now, nobody when nothing is unknown any more."""
        if not self._asking.unknown:
            self.settle()
            self._asking = self._look(self._candidates.first_waiting(self._workspace_id))
        return worth_asking(self._asking.unknown, self._asking.memory, limit=self._limit)

    def go_on(self) -> None:
        """Settle what was answered for before, and look at the stretch ahead. Twice is once."""
        self.settle()
        if self._ahead is None:
            self._ahead = self._look(self._asking.last)

    def answered(self, domains: Mapping[str, bool]) -> None:
        """Hear that the question is over, and what it told of domains; the stretch ahead is next.

        Every question is over before the next one: what it told, nobody is asked for again.
        """
        self.go_on()
        self._answered = self._asking
        self._asking, self._ahead = self._ahead or self._asking, None
        self._asking.learn(domains)

    def settle(self) -> None:
        """Settle the stretch that was answered for, if there is one."""
        if (stretch := self._answered) is None:
            return
        self._answered = None
        after = stretch.after
        while after is not None and (stretch.last is None or after < stretch.last):
            if self._breath.stopping():
                return
            _, after = self._page(after, {})

    def _look(self, after: int | None) -> _Stretch:
        """Settle whom something is known of, until there is a question's worth of others."""
        memory: dict[str, bool] = {}
        unknown: list[str] = []
        last = after
        while last is not None and len(unknown) < self._limit and not self._breath.stopping():
            left, last = self._page(last, memory)
            unknown += left
        return _Stretch(after, last, unknown, memory)

    def _page(self, after: int, memory: dict[str, bool]) -> tuple[Sequence[str], int | None]:
        """Settle who is known on a page; return the others, and where the page ends."""
        with self._candidates.candidate_page(
            self._workspace_id, after=after, limit=PAGE, at=self._clock.now()
        ) as page:
            settled, left = judge(page, self._policy, memory)
            page.settle(settled)
            last = page.last
        self._settled(settled)
        return left, last


def judge(
    page: CandidatePage, policy: Policy, memory: dict[str, bool]
) -> tuple[Sequence[Settled], Sequence[str]]:
    """Return the verdicts that are known on a page, and the mailboxes nothing is known of.

    What is remembered of their domains is added to ``memory``.
    """
    waiting = page.waiting
    if not waiting:
        return (), ()
    memory.update(page.catch_all({domain_of(each.email) for each in waiting}))
    known = page.known([each.email for each in waiting])
    settled = list(settle(waiting, known, memory, policy))
    done = {each.candidate_id for each in settled}
    return settled, [each.email for each in waiting if each.id not in done]
