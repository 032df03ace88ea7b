"""What scraping needs from outside: pages, a reader of pages, the record of runs, time to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.scraping.rules import RunCounts, RunEnd, RunState
from maverick_core.pipeline.scraping.source import Source
from maverick_core.retry import Trouble


@dataclass(frozen=True, slots=True)
class Validators:
    """What a site gave with a page, so that it can be asked whether the page has changed since."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came whole. ``url`` is where it was in the end, after redirects."""

    url: str
    body: bytes
    content_type: str
    validators: Validators


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page is as it was when its validators were given."""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """The page is not to be had: not there, not allowed, not a page. Asking again is no use."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The site did not give the page this time; ``retry_after`` is what it asked for in seconds."""

    trouble: Trouble
    why: str
    retry_after: float | None = None


Answer = Fetched | Unchanged | NotFetched | NotNow


class Pages(Protocol):
    """Fetches pages of public hosts, as far as their robots.txt allows."""

    def fetch(self, url: str, source: Source, validators: Validators) -> Answer:
        """Fetch one page, within the source's limits of size and time. Never raises for a site.

        Every host on the way, also after each redirect, is public at the address that is
        connected to, and allows robots the path.
        """
        ...

    def crawl_delay(self, url: str) -> float:
        """Return the seconds that the host asks robots to leave between requests, or 0.

        Reads its robots.txt when that is not known yet.
        """
        ...


@dataclass(frozen=True, slots=True)
class PageYield:
    """What a page holds: items as field → text, in their order, and the links to pages after it.

    Under ``TEXT`` each item has all that it says; ``raw_rows`` makes contacts of them.
    """

    items: Sequence[Mapping[str, str]]
    next: Sequence[str]


class PageReader(Protocol):
    """Takes pages apart."""

    def read(self, source: Source, page: Fetched) -> PageYield:
        """Return the page's items and links.

        Raises:
            Rejected: ``page_unreadable``, it is not written in what the source says;
                ``bad_source``, a selector cannot be understood.

        """
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """A run that this worker holds: the fence is the proof."""

    id: int
    fence: int
    source: Source
    source_id: int
    workspace_id: int


@dataclass(frozen=True, slots=True)
class PageDue:
    """The next page of a run; ``validators`` and ``next`` are what an earlier run found there."""

    number: int
    url: str
    validators: Validators
    next: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of a page. ``code`` is ``read``, ``unchanged`` or why it was not read.

    ``rows`` are numbered from 1 on the page.
    """

    code: str
    why: str
    rows: Sequence[NewRaw]
    next: Sequence[str]
    validators: Validators
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as a list shows it, with its last run. Counts are of all its runs."""

    id: int
    source: Source
    runs: int
    pages: int
    contacts: int
    last_state: RunState | None
    last_why: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as a list shows it; ``why`` says in words what it failed by."""

    id: int
    state: RunState
    why: str
    counts: RunCounts
    started_at: datetime
    finished_at: datetime | None


class PageNote(NamedTuple):
    """Why a page was not read."""

    url: str
    code: str
    why: str


class Sources(Protocol):
    """The sources of each workspace. Each call is one transaction."""

    def put_source(
        self,
        workspace_id: int,
        source: Source,
        *,
        by: str,
        at: datetime,
        seen: Source | None = None,
    ) -> int:
        """Put the source on record, in place of the workspace's one of that name; return its id.

        A run that is not over goes on with the description that it began with.

        Raises:
            Missing: ``workspace_missing``.
            Conflict: ``changed_meanwhile``, the one of that name is not as ``seen``, or not there;
                nothing is changed.

        """
        ...

    def sources(self, workspace_id: int) -> Sequence[SourceView]:
        """Return the workspace's sources, by name."""
        ...

    def pages_not_read(self, source_id: int, *, limit: int) -> Sequence[PageNote]:
        """Return pages of the last run that were not read, in their order."""
        ...

    def runs(self, source_id: int, *, before: int | None = None, limit: int) -> Sequence[RunView]:
        """Return the source's runs, the newest first, with ids below ``before``."""
        ...


class ScrapeRuns(Protocol):
    """Runs on record: which pages are due, which are done. Each call is one transaction."""

    def begin_run(self, source_id: int, *, at: datetime) -> int:
        """Return the id of the source's run that is not over, or of a new one with its starts due.

        Raises:
            Missing: ``source_missing``.

        """
        ...

    def claim_run(self, run_id: int, *, worker: str, lease_seconds: float) -> Run | RunEnd | None:
        """Take a run that nobody else has; the end of one that is over, None where it is held.

        What is held in the name of ``worker`` itself is given anew: a name belongs to one worker,
        or to one after the other. A run that was taken ``MAX_CLAIMS`` times with no page done in
        between fails: the page that is due ends its workers.
        """
        ...

    def next_page(self, run: Run) -> PageDue | RunCounts:
        """Return the page that is due next; when none is, the run's counts."""
        ...

    def page_done(
        self, run: Run, page: PageDue, result: PageResult, *, lease_seconds: float
    ) -> RunCounts | None:
        """Keep the page's rows as raw contacts, its links as pages due, and what became of it.

        Rows are numbered on from those of the pages before. Links that the run knows already, and
        those beyond its limit of pages, are left. Returns the run's counts; None, and changes
        nothing, where another worker has the run by now.
        """
        ...

    def end_run(self, run: Run, state: RunState, why: str, *, at: datetime) -> RunEnd:
        """Let go of the run and return how it stands now.

        ``STOPPED`` leaves it to be gone on with, and begins the count of claims anew: a wish to
        stop says nothing about the page that is due. ``RUNNING`` leaves it as a worker does that
        died, but nobody has to wait for its lease. Nothing is changed where another worker has the
        run by now.
        """
        ...


class Turns(Protocol):
    """Keeps all workers on all machines to one pace a host."""

    def take_turn(self, host: str, *, every_seconds: float, at: datetime) -> datetime:
        """Return when the next request to ``host`` may start, and count it as made then."""
        ...
