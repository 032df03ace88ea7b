"""What a workspace is short of, brought from the master list: from what others found."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.master_fill.ports import Overlaps, RefillRun, Refills
from maverick_core.pipeline.master_fill.request import RequestRefill
from maverick_core.pipeline.master_fill.service import RehearseRefill, SetOverlap
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery, Page, PageQuery
from maverick_http.schemas.master import (
    OverlapAnswer,
    OverlapBody,
    RefillBody,
    RefillPreviewAnswer,
    RefillRunAnswer,
)
from maverick_http.schemas.operations import OperationAnswer
from maverick_http.versions import check_version

_REFILLS: Final = "/workspaces/{slug}/refills"
_OVERLAP: Final = "/workspaces/{slug}/overlap"
_CURSOR: Final = Cursor("refills", int)
_LOOKED_AT: Final = 100_000
"""Mailboxes of a preview: some ten seconds of the minute that a request may take."""


@dataclass(frozen=True, slots=True)
class RefillsResource:
    """Refills: list, preview, ask for one. How close they may come to others: show, set."""

    workspaces: Workspaces
    refills: Refills
    overlaps: Overlaps
    rehearse: RehearseRefill
    request: RequestRefill
    set_overlap: SetOverlap

    @route(
        "GET",
        _REFILLS,
        scope=Scope.MASTER_READ,
        takes=PageQuery,
        answers=Page[RefillRunAnswer],
        everywhere=True,
    )
    def list(self, call: Call[PageQuery], slug: str) -> Reply:
        """List the workspace's refills, the newest first, with whom each passed over and why."""
        given = call.given
        found = self.refills.refill_runs(
            self.workspaces.workspace(slug).id,
            before=_CURSOR.read(given.cursor),
            limit=given.limit + 1,
        )
        return Reply(
            page(found, given.limit, show=_shown, cursor=lambda last: _CURSOR.write(last.id))
        )

    @route(
        "POST",
        _REFILLS + ":preview",
        scope=Scope.MASTER_WRITE,
        takes=RefillBody,
        answers=RefillPreviewAnswer,
        everywhere=True,
    )
    def preview(self, call: Call[RefillBody], slug: str) -> Reply:
        """Say whom a refill would bring now; nobody is brought.

        No more than 100,000 mailboxes of the list are looked at.
        """
        done = self.rehearse(slug, limit=call.given.limit, at_most=_LOOKED_AT)
        return Reply(
            RefillPreviewAnswer(
                workspace=slug,
                short=done.short,
                asked=done.asked,
                looked_at=done.looked_at,
                brought=done.brought,
                codes=done.codes,
                complete=not done.stopped,
            )
        )

    @route(
        "POST",
        _REFILLS,
        scope=Scope.MASTER_WRITE,
        takes=RefillBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        everywhere=True,
        once=True,
        audited=Action.MASTER_REFILL,
    )
    def refill(self, call: Call[RefillBody], slug: str) -> Reply:
        """Ask for the contacts that the workspace is short of for its present month.

        A worker brings them as raw contacts: the filter and verification judge them next.
        """
        return accepted(self.request(slug, limit=call.given.limit, by=call.actor), call.caller)

    @route("GET", _OVERLAP, scope=Scope.MASTER_READ, answers=OverlapAnswer)
    def overlap(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show how close the workspace's refills may come to others; the ETag is for a change."""
        return self._overlap(slug)

    @route(
        "PUT",
        _OVERLAP,
        scope=Scope.MASTER_WRITE,
        takes=OverlapBody,
        answers=OverlapAnswer,
        everywhere=True,
        conditional=True,
        audited=Action.MASTER_OVERLAP,
    )
    def change(self, call: Call[OverlapBody], slug: str) -> Reply:
        """Say how close the workspace's refills may come to others, from now on."""
        before = self.overlaps.overlap(self.workspaces.workspace(slug).id)
        check_version(call.if_match, [slug, before.days])
        self.set_overlap(slug, Overlap(call.given.days), by=call.actor, seen=call.seen(before))
        return self._overlap(slug)

    def _overlap(self, slug: str) -> Reply:
        found = self.overlaps.overlap(self.workspaces.workspace(slug).id)
        return Reply(OverlapAnswer(workspace=slug, days=found.days), version=[slug, found.days])


def _shown(run: RefillRun) -> RefillRunAnswer:
    return RefillRunAnswer(
        id=run.id,
        by=run.by,
        started_at=run.started_at,
        finished_at=run.finished_at,
        asked=run.asked,
        looked_at=run.looked_at,
        brought=run.brought,
        codes=run.codes or {},
    )
