"""Sources and their runs, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maverick_adapters.memory.filtering import append_raw
from maverick_adapters.memory.scrape_tables import (
    PageRecord,
    RunRecord,
    ScrapeTables,
    Seen,
    SourceRecord,
)
from maverick_adapters.memory.tables import Transactions
from maverick_core.kernel.errors import Missing, changed_meanwhile
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.scraping.ports import (
    PageDue,
    PageNote,
    PageResult,
    Run,
    RunView,
    SourceView,
    Validators,
)
from maverick_core.pipeline.scraping.rules import (
    MAX_CLAIMS,
    NO_END,
    OVER,
    READ,
    RunCounts,
    RunEnd,
    RunState,
)
from maverick_core.pipeline.scraping.source import Source


class MemoryScraping(Transactions):
    """Satisfies ``Sources``, ``ScrapeRuns`` and ``Turns``."""

    def put_source(
        self,
        workspace_id: int,
        source: Source,
        *,
        by: str,  # noqa: ARG002 - shown by no list of this store
        at: datetime,  # noqa: ARG002
        seen: Source | None = None,
    ) -> int:
        """Put the source on record, in place of its namesake."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            known = tables.scraping.sources
            same = (
                row.id
                for row in known.values()
                if (row.workspace_id, row.source.name) == (workspace_id, source.name)
            )
            source_id = next(same, len(known) + 1)
            if seen and (source_id not in known or known[source_id].source != seen):
                raise changed_meanwhile()
            known[source_id] = SourceRecord(source_id, workspace_id, source)
            return source_id

    def sources(self, workspace_id: int) -> Sequence[SourceView]:
        """Return the workspace's sources, by name."""
        tables = self._tables.scraping
        mine = [row for row in tables.sources.values() if row.workspace_id == workspace_id]
        mine.sort(key=lambda row: row.source.name)
        return [_view(row, tables.runs_of(row.id)) for row in mine]

    def pages_not_read(self, source_id: int, *, limit: int) -> Sequence[PageNote]:
        """Return pages of the last run that were not read."""
        runs = self._tables.scraping.runs_of(source_id)
        pages = runs[-1].pages if runs else ()
        notes = [PageNote(page.url, page.code, page.why) for page in pages if page.code is not None]
        return [note for note in notes if note.code not in READ][:limit]

    def runs(self, source_id: int, *, before: int | None = None, limit: int) -> Sequence[RunView]:
        """Return the source's runs, the newest first."""
        found = reversed(self._tables.scraping.runs_of(source_id))
        return [
            RunView(run.id, run.state, run.why, run.counts, run.started_at, run.finished_at)
            for run in found
            if before is None or run.id < before
        ][:limit]

    def begin_run(self, source_id: int, *, at: datetime) -> int:
        """Return the run that is open, or begin one."""
        with self._transaction() as tables:
            found = tables.scraping.sources.get(source_id)
            if found is None:
                raise Missing("There is no such source.", code="source_missing")
            for run in tables.scraping.runs_of(source_id):
                if run.finished_at is None:
                    return run.id
            source = found.source
            pages = tuple(PageRecord(url) for url in source.start[: source.limits.pages])
            run_id = len(tables.scraping.runs) + 1
            tables.scraping.runs[run_id] = RunRecord(run_id, source_id, source, at, pages)
            return run_id

    def claim_run(
        self,
        run_id: int,
        *,
        worker: str,
        lease_seconds: float,
    ) -> Run | RunEnd | None:
        """Take the run."""
        now = self._clock.now()
        with self._transaction() as tables:
            run = tables.scraping.runs.get(run_id)
            if run is None or (run.is_held(now) and run.worker != worker):
                return None
            if run.state in OVER:
                return run.end
            if run.claims >= MAX_CLAIMS:
                return _end(tables.scraping, run, RunState.FAILED, NO_END, now)
            taken = replace(
                run,
                state=RunState.RUNNING,
                fence=run.fence + 1,
                claims=run.claims + 1,
                worker=worker,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
            tables.scraping.runs[run_id] = taken
            workspace_id = tables.scraping.sources[run.source_id].workspace_id
            return Run(run_id, taken.fence, run.source, run.source_id, workspace_id)

    def next_page(self, run: Run) -> PageDue | RunCounts:
        """Return the page that is due, or the counts."""
        tables = self._tables.scraping
        record = tables.runs[run.id]
        for number, page in enumerate(record.pages):
            if page.code is None:
                seen = tables.seen.get((run.source_id, page.url), Seen(Validators(), ()))
                return PageDue(number, page.url, seen.validators, seen.next)
        return record.counts

    def page_done(
        self, run: Run, page: PageDue, result: PageResult, *, lease_seconds: float
    ) -> RunCounts | None:
        """Keep what the page gave."""
        now = self._clock.now()
        with self._transaction() as tables:
            record = tables.scraping.runs[run.id]
            if not _holds(run, record):
                return None
            before = record.counts.contacts
            done = PageRecord(page.url, result.code, result.why, len(result.rows))
            record = _with_pages(record.with_page(page.number, done), result.next)
            until = now + timedelta(seconds=lease_seconds)
            tables.scraping.runs[run.id] = replace(record, claims=0, lease_until=until)
            rows = [row._replace(row_number=before + row.row_number) for row in result.rows]
            origin = Origin(OriginKind.SCRAPE_RUN, run.id)
            append_raw(tables, run.workspace_id, origin, rows)
            validators = result.validators
            if result.code in READ and (validators.etag or validators.last_modified):
                seen = Seen(validators, tuple(result.next))
                tables.scraping.seen[run.source_id, page.url] = seen
            return record.counts

    def end_run(self, run: Run, state: RunState, why: str, *, at: datetime) -> RunEnd:
        """Let go of the run."""
        with self._transaction() as tables:
            record = tables.scraping.runs[run.id]
            if _holds(run, record):
                return _end(tables.scraping, record, state, why, at)
            return record.end

    def take_turn(self, host: str, *, every_seconds: float, at: datetime) -> datetime:
        """Give out the host's next turn."""
        with self._transaction() as tables:
            turn = max(tables.scraping.hosts.get(host, at), at)
            tables.scraping.hosts[host] = turn + timedelta(seconds=every_seconds)
            return turn


def _holds(run: Run, record: RunRecord) -> bool:
    return record.fence == run.fence and record.state is RunState.RUNNING


def _with_pages(record: RunRecord, urls: Sequence[str]) -> RunRecord:
    known = {page.url for page in record.pages}
    room = max(0, record.source.limits.pages - len(record.pages))
    fresh = [PageRecord(url) for url in dict.fromkeys(urls) if url not in known][:room]
    return replace(record, pages=(*record.pages, *fresh))


def _end(
    tables: ScrapeTables, record: RunRecord, state: RunState, why: str, at: datetime
) -> RunEnd:
    ended = tables.runs[record.id] = replace(
        record,
        state=state,
        why=why,
        lease_until=None,
        claims=0 if state is RunState.STOPPED else record.claims,
        finished_at=at if state in OVER else None,
    )
    return ended.end


def _view(row: SourceRecord, runs: Sequence[RunRecord]) -> SourceView:
    last = runs[-1] if runs else None
    return SourceView(
        id=row.id,
        source=row.source,
        runs=len(runs),
        pages=sum(run.counts.pages for run in runs),
        contacts=sum(run.counts.contacts for run in runs),
        last_state=last.state if last else None,
        last_why=last.why if last else "",
        last_at=(last.finished_at or last.started_at) if last else None,
    )
