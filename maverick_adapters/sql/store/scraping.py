"""Runs of sources: which pages are due, which are done, and when each host may be asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, update

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.raw import append_raw
from maverick_adapters.sql.tables import (
    page_validators,
    scrape_hosts,
    scrape_pages,
    scrape_runs,
    sources,
)
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run, Validators
from maverick_core.pipeline.scraping.rules import (
    MAX_CLAIMS,
    NO_END,
    OVER,
    READ,
    RunCounts,
    RunEnd,
    RunState,
)
from maverick_core.pipeline.scraping.source import Source, parse_source

_run, _page = scrape_runs.c, scrape_pages.c


class ScrapingPart(Part):
    """Satisfies ``ScrapeRuns`` and ``Turns``."""

    def begin_run(self, source_id: int, *, at: datetime) -> int:
        """Return the run that is open, or begin one; see ``ScrapeRuns.begin_run``."""
        with self._database.write() as connection:
            source = connection.execute(
                select(sources).where(sources.c.id == source_id).with_for_update()
            ).one_or_none()
            if source is None:
                raise Missing("There is no such source.", code="source_missing")
            opened = select(_run.id).where(_run.source_id == source_id, _run.finished_at.is_(None))
            if (run_id := connection.execute(opened).scalar_one_or_none()) is not None:
                return int(run_id)
            return _begin(connection, source, at)

    def claim_run(self, run_id: int, *, worker: str, lease_seconds: float) -> Run | RunEnd | None:
        """Take the run; see ``ScrapeRuns.claim_run``."""
        with self._database.write() as connection:
            row = self._locked_run(connection, run_id)
            if row is None or (row.held and row.worker != worker):
                return None
            if row.state in OVER:
                return _stands(connection, run_id)
            if row.claims >= MAX_CLAIMS:
                _end(connection, run_id, RunState.FAILED, NO_END, self._now())
                return _stands(connection, run_id)
            connection.execute(
                update(scrape_runs)
                .where(_run.id == run_id)
                .values(
                    state=RunState.RUNNING,
                    fence=row.fence + 1,
                    claims=row.claims + 1,
                    worker=worker,
                    lease_until=self._dialect.lease_end,
                ),
                {"lease": self._dialect.lease(self._clock, lease_seconds)},
            )
            return Run(run_id, row.fence + 1, _source(row), row.source_id, row.workspace_id)

    def next_page(self, run: Run) -> PageDue | RunCounts:
        """Return the page that is due, or the counts; see ``ScrapeRuns.next_page``."""
        known = page_validators.c
        query = (
            select(_page.number, _page.url, known.etag, known.last_modified, known.next)
            .outerjoin(
                page_validators, and_(known.source_id == run.source_id, known.url == _page.url)
            )
            .where(_page.run_id == run.id, _page.code.is_(None))
            .order_by(_page.number)
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return _counts(connection, run.id)
        validators = Validators(row.etag, row.last_modified)
        return PageDue(row.number, row.url, validators, json.loads(row.next) if row.next else ())

    def page_done(
        self, run: Run, page: PageDue, result: PageResult, *, lease_seconds: float
    ) -> RunCounts | None:
        """Keep what the page gave; see ``ScrapeRuns.page_done``."""
        with self._database.write() as connection:
            counted = self._count_page(connection, run, result, lease_seconds)
            if counted is None:
                return None
            before = counted.contacts - len(result.rows)
            done = {"code": result.code, "why": result.why, "fetched_at": result.fetched_at}
            connection.execute(
                update(scrape_pages)
                .where(_page.run_id == run.id, _page.number == page.number)
                .values(contacts=len(result.rows), **done)
            )
            rows = [row._replace(row_number=before + row.row_number) for row in result.rows]
            if rows:
                origin = Origin(OriginKind.SCRAPE_RUN, run.id)
                append_raw(
                    connection, self._dialect, run.workspace_id, origin, rows, at=result.fetched_at
                )
            known = _add_pages(connection, run.id, result.next, run.source.limits.pages)
            if result.code in READ:
                self._remember_page(connection, run, page, result)
            return replace(counted, due=known - counted.pages)

    def end_run(self, run: Run, state: RunState, why: str, *, at: datetime) -> RunEnd:
        """Let go of the run; see ``ScrapeRuns.end_run``."""
        with self._database.write() as connection:
            row = self._locked_run(connection, run.id)
            if row is not None and row.fence == run.fence and row.state == RunState.RUNNING:
                _end(connection, run.id, state, why, at)
            return _stands(connection, run.id)

    def take_turn(self, host: str, *, every_seconds: float, at: datetime) -> datetime:
        """Give out the host's next turn; see ``Turns.take_turn``."""
        this = scrape_hosts.c.host == host
        free = select(scrape_hosts.c.next_at).where(this).with_for_update()
        with self._database.write() as connection:
            self._dialect.may_be_forgotten(connection)
            next_at: datetime | None = connection.execute(free).scalar_one_or_none()
            if next_at is None:
                first = self._dialect.insert(scrape_hosts).values(host=host, next_at=at)
                connection.execute(first.on_conflict_do_nothing())
                next_at = connection.execute(free).scalar_one()
            turn = max(next_at, at)
            later = turn + timedelta(seconds=every_seconds)
            connection.execute(update(scrape_hosts).where(this).values(next_at=later))
            return turn

    def _locked_run(self, connection: Connection, run_id: int) -> AnyRow | None:
        held = _run.lease_until > self._dialect.now(self._clock)
        return connection.execute(
            select(scrape_runs, sources.c.workspace_id, held.label("held"))
            .join(sources, sources.c.id == _run.source_id)
            .where(_run.id == run_id)
            .with_for_update(of=scrape_runs)
        ).one_or_none()

    def _count_page(
        self, connection: Connection, run: Run, result: PageResult, lease_seconds: float
    ) -> RunCounts | None:
        """Count the page for the run if it is still ours; return what it has, but for ``due``."""
        found = len(result.rows)
        counted = (
            update(scrape_runs)
            .where(_run.id == run.id, _run.fence == run.fence, _run.state == RunState.RUNNING)
            .values(
                pages=_run.pages + 1,
                contacts=_run.contacts + found,
                unchanged=_run.unchanged + int(result.code == "unchanged"),
                not_read=_run.not_read + int(result.code not in READ),
                claims=0,
                lease_until=self._dialect.lease_end,
            )
            .returning(_run.pages, _run.contacts, _run.unchanged, _run.not_read)
        )
        lease = {"lease": self._dialect.lease(self._clock, lease_seconds)}
        row = connection.execute(counted, lease).one_or_none()
        return None if row is None else RunCounts(*row)

    def _remember_page(
        self, connection: Connection, run: Run, page: PageDue, result: PageResult
    ) -> None:
        """Keep what the next run is to ask with, and where the page leads if it is unchanged."""
        validators = result.validators
        if not (validators.etag or validators.last_modified):
            return
        said = {
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "next": json.dumps(list(result.next)),
            "seen_at": result.fetched_at,
        }
        row = self._dialect.insert(page_validators).values(
            source_id=run.source_id, url=page.url, **said
        )
        connection.execute(
            row.on_conflict_do_update(index_elements=["source_id", "url"], set_=said)
        )


def _begin(connection: Connection, source: AnyRow, at: datetime) -> int:
    described = parse_source(json.loads(source.description))
    run_id = connection.execute(
        insert(scrape_runs)
        .values(
            source_id=source.id,
            description=source.description,
            state=RunState.STOPPED,
            started_at=at,
        )
        .returning(_run.id)
    ).scalar_one()
    starts = described.start[: described.limits.pages]
    connection.execute(insert(scrape_pages), list(_due(run_id, 0, starts)))
    return int(run_id)


def _add_pages(connection: Connection, run_id: int, urls: Sequence[str], most: int) -> int:
    """Put pages behind those that are known, as far as the limit goes; return how many there are.

    They are numbered without a gap: no need to count those that are due, with every page anew.
    """
    last: int = connection.execute(_numbered(run_id)).scalar_one()
    if not urls:
        return last
    same = (_page.run_id == run_id, _page.url.in_(urls))
    known = set(connection.execute(select(_page.url).where(*same)).scalars())
    fresh = [url for url in dict.fromkeys(urls) if url not in known][: max(0, most - last)]
    if fresh:
        connection.execute(insert(scrape_pages), list(_due(run_id, last, fresh)))
    return last + len(fresh)


def _numbered(run_id: int) -> Select[int]:
    """Return the query of how many pages a run knows."""
    return select(func.coalesce(func.max(_page.number) + 1, 0)).where(_page.run_id == run_id)


def _end(connection: Connection, run_id: int, state: RunState, why: str, at: datetime) -> None:
    ended: dict[str, Any] = {"finished_at": at} if state in OVER else {}
    if state is RunState.STOPPED:
        ended = {"claims": 0}
    connection.execute(
        update(scrape_runs)
        .where(_run.id == run_id)
        .values(state=state, why=why, lease_until=None, worker=None, **ended)
    )


def _stands(connection: Connection, run_id: int) -> RunEnd:
    row = connection.execute(select(_run.state, _run.why).where(_run.id == run_id)).one()
    return RunEnd(RunState(row.state), row.why, _counts(connection, run_id))


def _due(run_id: int, first: int, urls: Sequence[str]) -> Iterator[dict[str, object]]:
    return ({"run_id": run_id, "number": n, "url": url} for n, url in enumerate(urls, first))


def _source(row: AnyRow) -> Source:
    return parse_source(json.loads(row.description))


def _counts(connection: Connection, run_id: int) -> RunCounts:
    due = _numbered(run_id).scalar_subquery() - _run.pages
    row = connection.execute(
        select(_run.pages, _run.contacts, _run.unchanged, _run.not_read, due).where(
            _run.id == run_id
        )
    ).one()
    return RunCounts(*row)
