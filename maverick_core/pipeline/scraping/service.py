"""Try a source, and run one: a page at a time, so that a crash costs the page under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from maverick_core.kernel.errors import Rejected, Unavailable
from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breath
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.scraping.addresses import host_of
from maverick_core.pipeline.scraping.ports import (
    Answer,
    Fetched,
    NotFetched,
    NotNow,
    PageDue,
    PageReader,
    PageResult,
    Pages,
    Run,
    ScrapeRuns,
    Turns,
    Unchanged,
    Validators,
)
from maverick_core.pipeline.scraping.rules import RunCounts, RunEnd, RunState, raw_rows, verdict
from maverick_core.pipeline.scraping.source import Limits, Source
from maverick_core.retry import Retry, RetryPolicy

LEASE_SECONDS: Final = 600.0
"""Longer than the slowest page with all its tries."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source's first page gives: the contacts on it, and where it would go on."""

    url: str
    rows: Sequence[dict[str, str]]
    next: Sequence[str]


@dataclass(frozen=True, slots=True)
class TrySource:
    """Use case: read the first page of a source and put nothing on record."""

    pages: Pages
    reader: PageReader

    def __call__(self, source: Source, *, at_most: Limits | None = None) -> Trial:
        """Return what the first page gives.

        ``at_most`` is what whoever waits for it can spare: of that and the source's own limits of
        a page's size and time, the tighter ones hold.

        Raises:
            Rejected: ``page_not_fetched`` or ``page_unreadable``, with why; ``bad_source``.

        """
        if at_most is not None:
            own = source.limits
            tighter = replace(
                own,
                page_bytes=min(own.page_bytes, at_most.page_bytes),
                page_seconds=min(own.page_seconds, at_most.page_seconds),
            )
            source = replace(source, limits=tighter)
        answer = self.pages.fetch(source.start[0], source, Validators())
        if not isinstance(answer, Fetched):
            raise _not_read(answer)
        found = self.reader.read(source, answer)
        return Trial(answer.url, list(raw_rows(found.items)), found.next)


def _not_read(answer: Unchanged | NotFetched | NotNow) -> Rejected:
    remedy = "Open the start address in a browser and compare."
    if isinstance(answer, NotFetched) and answer.code == "address_private":
        remedy = "Only public hosts are read. MAVERICK_SCRAPE_LOOPBACK lets this machine's pass."
    why = "it is unchanged" if isinstance(answer, Unchanged) else answer.why
    words = f"The first page was not read: {why}"
    return Rejected(words, code="page_not_fetched", remedy=remedy)


@dataclass(frozen=True, slots=True)
class RunSource:
    """Use case: take a source's pages, one after the other, as fast as its host allows.

    A page's contacts, its links and the note that it was read are one transaction. So a run that
    died is gone on with at the page it was at, and nothing is taken twice.
    """

    runs: ScrapeRuns
    pages: Pages
    reader: PageReader
    turns: Turns
    clock: Clock
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    lease_seconds: float = LEASE_SECONDS

    def __call__(
        self,
        run_id: int,
        *,
        worker: str,
        breath: Breath,
        tell: Callable[[RunCounts], None] = lambda _: None,
    ) -> RunEnd | None:
        """Go on with the run until no page is due or the worker is asked to stop.

        ``tell`` hears after each page how far it is. Return how the run stands then; None where
        another worker has it. Nothing is done for one that is over. Whoever is interrupted leaves
        it as one who was asked to stop; a defect leaves it as a death does, so that a page that
        raises whatever the worker ends by failing its run.

        Raises:
            Unavailable: the database does not answer; whole pages are on record.

        """
        run = self.runs.claim_run(run_id, worker=worker, lease_seconds=self.lease_seconds)
        if not isinstance(run, Run):
            return run
        try:
            return self._go_on(run, breath, tell)
        except Unavailable:
            raise
        except Exception:
            self._end(run, RunState.RUNNING)
            raise
        except BaseException:  # Ctrl-C, a time limit: nobody has to wait for the lease to end
            self._end(run, RunState.STOPPED)
            raise

    def _end(self, run: Run, state: RunState, why: str = "") -> RunEnd:
        return self.runs.end_run(run, state, why, at=self.clock.now())

    def _go_on(self, run: Run, breath: Breath, tell: Callable[[RunCounts], None]) -> RunEnd | None:
        while isinstance(page := self.runs.next_page(run), PageDue):
            if breath.stopping():
                return self._end(run, RunState.STOPPED)
            try:
                result = self._result(run.source, page, breath)
            except Rejected as error:
                return self._end(run, RunState.FAILED, str(error))
            if result is None:
                return self._end(run, RunState.STOPPED)
            counts = self.runs.page_done(run, page, result, lease_seconds=self.lease_seconds)
            if counts is None:
                return None
            tell(counts)
        return self._end(run, *verdict(page))

    def _result(self, source: Source, page: PageDue, breath: Breath) -> PageResult | None:
        """Return what became of the page; None where the wish to stop came first."""
        answer = self._answer(source, page, breath)
        at = self.clock.now()
        match answer:
            case None:
                return None
            case Unchanged():
                return PageResult("unchanged", "", (), page.next, page.validators, at)
            case NotFetched(code, why):
                return PageResult(code, why, (), (), Validators(), at)
            case NotNow(_, why):
                return PageResult("unavailable", why, (), (), Validators(), at)
        try:
            found = self.reader.read(source, answer)
        except Rejected as error:
            if error.code == "bad_source":
                raise
            return PageResult(error.code, str(error), (), (), Validators(), at)
        rows = [
            NewRaw(number, page_url=answer.url, fetched_at=at, **fields)
            for number, fields in enumerate(raw_rows(found.items), 1)
        ]
        return PageResult("read", "", rows, found.next, answer.validators, at)

    def _answer(self, source: Source, page: PageDue, breath: Breath) -> Answer | None:
        tries = 0
        while not breath.stopping():
            self._wait_for_turn(source, page.url, breath)
            if breath.stopping():
                break
            answer = self.pages.fetch(page.url, source, page.validators)
            if not isinstance(answer, NotNow):
                return answer
            tries += 1
            decision = self.policy.decide(
                answer.trouble, tries=tries, retry_after=answer.retry_after, draw=breath.draw()
            )
            if not isinstance(decision, Retry):
                return answer
            breath.rest(decision.after_seconds)
        return None

    def _wait_for_turn(self, source: Source, url: str, breath: Breath) -> None:
        every = max(source.limits.every_seconds, self.pages.crawl_delay(url))
        now = self.clock.now()
        turn = self.turns.take_turn(host_of(url), every_seconds=every, at=now)
        if turn > now:
            breath.rest((turn - now).total_seconds())
