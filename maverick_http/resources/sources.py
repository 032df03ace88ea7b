"""Sites that contacts are taken from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.scraping.ports import RunView, Sources, SourceView
from maverick_core.pipeline.scraping.request import RequestRun, source_called
from maverick_core.pipeline.scraping.service import TrySource
from maverick_core.pipeline.scraping.source import Limits, Source, describe, parse_source
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoBody, NoQuery, Page, PageQuery
from maverick_http.schemas.operations import OperationAnswer
from maverick_http.schemas.sources import (
    LastRunAnswer,
    RunAnswer,
    SourceAnswer,
    SourceBody,
    SourceDetailAnswer,
    TrialAnswer,
    TrialBody,
    UnreadAnswer,
)
from maverick_http.versions import check_version

_SOURCES: Final = "/workspaces/{slug}/sources"
_ONE: Final = _SOURCES + "/{source}"
_RUNS: Final = _ONE + "/runs"
_SUBJECT: Final = "{slug}/{source}"
_BY_NAME: Final = Cursor("sources", str)
_BY_RUN: Final = Cursor("source runs", int)
_SPARED: Final = Limits(page_bytes=5_000_000, page_seconds=20)
"""What a request can wait for: some two minutes at the very most, with a robots.txt on top, unless
headers trickle, which nothing cuts off (``sources/transport.py``)."""
_NOT_READ: Final = 20


@dataclass(frozen=True, slots=True)
class SourcesResource:
    """Sources: list, show, keep, try, run."""

    workspaces: Workspaces
    sources: Sources
    try_source: TrySource
    request_run: RequestRun
    clock: Clock

    @route("GET", _SOURCES, scope=Scope.SOURCES_READ, takes=PageQuery, answers=Page[SourceAnswer])
    def list(self, call: Call[PageQuery], slug: str) -> Reply:
        """List the workspace's sources by name, with what each has brought so far."""
        after = _BY_NAME.read(call.given.cursor) or ""
        views = self.sources.sources(self.workspaces.workspace(slug).id)
        return Reply(
            page(
                [view for view in views if view.source.name > after],
                call.given.limit,
                show=lambda view: SourceAnswer(**_figures(view)),
                cursor=lambda last: _BY_NAME.write(last.source.name),
            )
        )

    @route("GET", _ONE, scope=Scope.SOURCES_READ, answers=SourceDetailAnswer)
    def show(self, call: Call[NoQuery], slug: str, source: str) -> Reply:  # noqa: ARG002
        """Show a source with its description, and what its last run did not read."""
        return self._reply(self._called(slug, source))

    @route(
        "PUT",
        _ONE,
        scope=Scope.SOURCES_WRITE,
        takes=SourceBody,
        answers=SourceDetailAnswer,
        conditional=True,
        audited=Action.SOURCE_PUT,
        subject=_SUBJECT,
    )
    def keep(self, call: Call[SourceBody], slug: str, source: str) -> Reply:
        """Keep a described site as a source, in place of the one of that name, if there is one.

        `If-Match: *` takes either; with an ETag it has to be there as it was read. A run that is
        not over goes on with the description that it began with.
        """
        workspace = self.workspaces.workspace(slug)
        new = _described(source, call.given)
        try:
            before = source_called(self.sources, workspace.id, source).source
        except Missing:
            before = None
        check_version(call.if_match, describe(before) if before else None)
        at = self.clock.now()
        self.sources.put_source(workspace.id, new, by=call.actor, at=at, seen=call.seen(before))
        return self._reply(self._called(slug, source))

    @route(
        "POST",
        _SOURCES + ":try",
        scope=Scope.SOURCES_WRITE,
        takes=TrialBody,
        answers=TrialAnswer,
    )
    def try_out(self, call: Call[TrialBody], slug: str) -> Reply:
        """Read the first page of a described site and show what it gives. Nothing is kept.

        A page that is larger than 5 MB, or takes longer than 20 seconds, is not waited for.
        """
        self.workspaces.workspace(slug)
        given = call.given
        trial = self.try_source(_described("trial", given), at_most=_SPARED)
        rows = [*trial.rows]
        return Reply(
            TrialAnswer(
                url=trial.url, contacts=len(rows), rows=rows[: given.rows], next=[*trial.next]
            )
        )

    @route("GET", _RUNS, scope=Scope.SOURCES_READ, takes=PageQuery, answers=Page[RunAnswer])
    def runs(self, call: Call[PageQuery], slug: str, source: str) -> Reply:
        """List the source's runs, the newest first."""
        given = call.given
        found = self.sources.runs(
            self._called(slug, source).id,
            before=_BY_RUN.read(given.cursor),
            limit=given.limit + 1,
        )
        return Reply(
            page(found, given.limit, show=_run, cursor=lambda last: _BY_RUN.write(last.id))
        )

    @route(
        "POST",
        _RUNS,
        scope=Scope.SOURCES_WRITE,
        takes=NoBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.SOURCE_RUN,
        subject=_SUBJECT,
    )
    def run(self, call: Call[NoBody], slug: str, source: str) -> Reply:
        """Ask for a run; one of the source that is not over is gone on with.

        A worker does it; the operation says how far it is. What is found are raw contacts, which
        the filter judges.
        """
        return accepted(self.request_run(slug, source, by=call.actor), call.caller)

    def _called(self, slug: str, name: str) -> SourceView:
        return source_called(self.sources, self.workspaces.workspace(slug).id, name)

    def _reply(self, view: SourceView) -> Reply:
        source = view.source
        detail = SourceDetailAnswer(
            **_figures(view),
            start=[*source.start],
            item=source.item,
            next=source.next,
            fields=dict(source.fields),
            limits=source.limits,
            not_read=[
                UnreadAnswer.model_validate(note)
                for note in self.sources.pages_not_read(view.id, limit=_NOT_READ)
            ],
        )
        return Reply(detail, version=describe(source))


def _described(name: str, given: SourceBody) -> Source:
    said = given.model_dump(mode="json", include=set(SourceBody.model_fields))
    return parse_source({"name": name, **said})


def _figures(view: SourceView) -> dict[str, Any]:
    last = None
    if view.last_state is not None and view.last_at is not None:
        last = LastRunAnswer(state=view.last_state, why=view.last_why, at=view.last_at)
    return {
        "name": view.source.name,
        "kind": view.source.kind,
        "runs": view.runs,
        "pages": view.pages,
        "contacts": view.contacts,
        "last_run": last,
    }


def _run(run: RunView) -> RunAnswer:
    return RunAnswer(
        id=run.id,
        state=run.state,
        why=run.why,
        **asdict(run.counts),
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
