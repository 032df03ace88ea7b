"""The sources of each workspace, as people keep and look at them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import scrape_pages, scrape_runs, sources
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.scraping.ports import PageNote, RunView, SourceView
from maverick_core.pipeline.scraping.rules import READ, RunCounts, RunState
from maverick_core.pipeline.scraping.source import Source, describe, parse_source

_run = scrape_runs.c


class SourcesPart(Part):
    """Satisfies ``Sources``."""

    def put_source(
        self,
        workspace_id: int,
        source: Source,
        *,
        by: str,
        at: datetime,
        seen: Source | None = None,
    ) -> int:
        """Put the source on record; see ``Sources.put_source``."""
        said = {"description": json.dumps(describe(source)), "by": by, "changed_at": at}
        row = self._dialect.insert(sources).values(
            workspace_id=workspace_id, name=source.name, **said
        )
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            if seen is not None:
                _check_seen(connection, workspace_id, seen)
            return int(
                connection.execute(
                    row.on_conflict_do_update(
                        index_elements=["workspace_id", "name"], set_=said
                    ).returning(sources.c.id)
                ).scalar_one()
            )

    def sources(self, workspace_id: int) -> Sequence[SourceView]:
        """Return the sources by name; see ``Sources.sources``."""
        mine = sources.c.workspace_id == workspace_id
        figures = (
            select(
                _run.source_id,
                func.count().label("runs"),
                func.sum(_run.pages).label("pages"),
                func.sum(_run.contacts).label("contacts"),
                func.max(_run.id).label("last_id"),
            )
            .join(sources, sources.c.id == _run.source_id)
            .where(mine)
            .group_by(_run.source_id)
            .subquery()
        )
        query = (
            select(sources.c.id, sources.c.description, figures, _run.state, _run.why)
            .add_columns(func.coalesce(_run.finished_at, _run.started_at).label("last_at"))
            .select_from(sources)
            .outerjoin(figures, figures.c.source_id == sources.c.id)
            .outerjoin(scrape_runs, _run.id == figures.c.last_id)
            .where(mine)
            .order_by(sources.c.name)
        )
        with self._database.read() as connection:
            return [_view(row) for row in connection.execute(query)]

    def pages_not_read(self, source_id: int, *, limit: int) -> Sequence[PageNote]:
        """Return pages of the last run that were not read; see ``Sources.pages_not_read``."""
        page = scrape_pages.c
        last = select(func.max(_run.id)).where(_run.source_id == source_id).scalar_subquery()
        query = (
            select(page.url, page.code, page.why)
            .where(page.run_id == last, page.code.is_not(None), page.code.not_in(READ))
            .order_by(page.number)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [PageNote(*row) for row in connection.execute(query)]

    def runs(self, source_id: int, *, before: int | None = None, limit: int) -> Sequence[RunView]:
        """Return the source's runs; see ``Sources.runs``."""
        page = scrape_pages.c
        due = select(func.count()).where(page.run_id == _run.id, page.code.is_(None))
        query = (
            select(scrape_runs, due.scalar_subquery().label("due"))
            .where(_run.source_id == source_id)
            .order_by(_run.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(_run.id < before)
        with self._database.read() as connection:
            return [_run_view(row) for row in connection.execute(query)]


def _view(row: AnyRow) -> SourceView:
    return SourceView(
        id=row.id,
        source=parse_source(json.loads(row.description)),
        runs=row.runs or 0,
        pages=row.pages or 0,
        contacts=row.contacts or 0,
        last_state=RunState(row.state) if row.state else None,
        last_why=row.why or "",
        last_at=row.last_at,
    )


def _run_view(row: AnyRow) -> RunView:
    return RunView(
        id=row.id,
        state=RunState(row.state),
        why=row.why,
        counts=RunCounts(row.pages, row.contacts, row.unchanged, row.not_read, row.due),
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _check_seen(connection: Connection, workspace_id: int, seen: Source) -> None:
    """Hold the source, so that it stays as it was seen until it is replaced."""
    row = sources.c
    query = select(row.description).where(row.workspace_id == workspace_id, row.name == seen.name)
    found = connection.execute(query.with_for_update()).scalar_one_or_none()
    if found is None or describe(parse_source(json.loads(found))) != describe(seen):
        raise changed_meanwhile()
