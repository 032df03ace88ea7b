"""Sources in memory, their runs, and when each host may be asked again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from maverick_core.pipeline.scraping.ports import Validators
from maverick_core.pipeline.scraping.rules import READ, RunCounts, RunEnd, RunState
from maverick_core.pipeline.scraping.source import Source


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source and whose it is."""

    id: int
    workspace_id: int
    source: Source


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page of a run; ``code`` is None while it is due."""

    url: str
    code: str | None = None
    why: str = ""
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with its pages in their order."""

    id: int
    source_id: int
    source: Source
    started_at: datetime
    pages: tuple[PageRecord, ...]
    state: RunState = RunState.STOPPED
    why: str = ""
    fence: int = 0
    claims: int = 0
    worker: str = ""
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Say whether somebody's lease is not over."""
        return self.lease_until is not None and self.lease_until > now

    @property
    def counts(self) -> RunCounts:
        """Count what the pages say."""
        codes = [page.code for page in self.pages]
        done = [code for code in codes if code is not None]
        return RunCounts(
            pages=len(done),
            contacts=sum(page.contacts for page in self.pages),
            unchanged=done.count("unchanged"),
            not_read=sum(code not in READ for code in done),
            due=codes.count(None),
        )

    @property
    def end(self) -> RunEnd:
        """Say how it stands."""
        return RunEnd(self.state, self.why, self.counts)

    def with_page(self, number: int, page: PageRecord) -> RunRecord:
        """Return the run with one page in another state."""
        return replace(self, pages=(*self.pages[:number], page, *self.pages[number + 1 :]))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a site gave with a page when it was last read, and where the page leads."""

    validators: Validators
    next: tuple[str, ...]


@dataclass(slots=True)
class ScrapeTables:
    """Rows by id; ``seen`` is by source and address, ``hosts`` by name."""

    sources: dict[int, SourceRecord] = field(default_factory=dict)
    runs: dict[int, RunRecord] = field(default_factory=dict)
    seen: dict[tuple[int, str], Seen] = field(default_factory=dict)
    hosts: dict[str, datetime] = field(default_factory=dict)

    def copy(self) -> ScrapeTables:
        """Return tables of their own with the same rows."""
        return ScrapeTables(*(getattr(self, table.name).copy() for table in fields(self)))

    def runs_of(self, source_id: int) -> list[RunRecord]:
        """Return the source's runs, the first one first."""
        return [run for run in self.runs.values() if run.source_id == source_id]
