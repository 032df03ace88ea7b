"""Who must not be written to. Patterns may be people: they go in bodies, never in addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.suppression.ports import Suppression, SuppressionList
from maverick_core.suppression.service import Suppress, Unsuppress
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import Page, PageQuery
from maverick_http.schemas.suppressions import (
    RemoveBody,
    RemovedAnswer,
    SuppressBody,
    SuppressedAnswer,
    SuppressionAnswer,
)

_ALL: Final = "/suppressions"
_OWN: Final = "/workspaces/{slug}/suppressions"
_CURSOR: Final = Cursor("suppressions", int)


@dataclass(frozen=True, slots=True)
class SuppressionsResource:
    """Suppressions of one workspace, and those for all: list, add, take away."""

    workspaces: Workspaces
    suppressions: SuppressionList
    suppress: Suppress
    unsuppress: Unsuppress

    @route(
        "GET",
        _OWN,
        scope=Scope.SUPPRESSIONS_READ,
        takes=PageQuery,
        answers=Page[SuppressionAnswer],
    )
    def list(self, call: Call[PageQuery], slug: str) -> Reply:
        """List the workspace's own suppressions, the oldest first; those for all hold besides."""
        return self._page(call, self.workspaces.workspace(slug).id)

    @route(
        "GET",
        _ALL,
        scope=Scope.SUPPRESSIONS_READ,
        takes=PageQuery,
        answers=Page[SuppressionAnswer],
        everywhere=True,
    )
    def list_for_all(self, call: Call[PageQuery]) -> Reply:
        """List the suppressions that hold in every workspace, the oldest first."""
        return self._page(call, None)

    @route(
        "POST",
        _OWN,
        scope=Scope.SUPPRESSIONS_WRITE,
        takes=SuppressBody,
        answers=SuppressedAnswer,
        once=True,
        audited=Action.SUPPRESSION_ADD,
    )
    def add(self, call: Call[SuppressBody], slug: str) -> Reply:
        """Suppress mailboxes or domains for a workspace.

        It holds at once, also for batches that are being sent. What cannot be read is numbered, and
        the others are suppressed.
        """
        return self._add(call, slug)

    @route(
        "POST",
        _ALL,
        scope=Scope.SUPPRESSIONS_WRITE,
        takes=SuppressBody,
        answers=SuppressedAnswer,
        everywhere=True,
        once=True,
        audited=Action.SUPPRESSION_ADD,
        subject="all",
    )
    def add_for_all(self, call: Call[SuppressBody]) -> Reply:
        """Suppress mailboxes or domains for every workspace, there now or later."""
        return self._add(call, None)

    @route(
        "POST",
        _OWN + ":remove",
        scope=Scope.SUPPRESSIONS_WRITE,
        takes=RemoveBody,
        answers=RemovedAnswer,
        once=True,
        audited=Action.SUPPRESSION_REMOVE,
    )
    def remove(self, call: Call[RemoveBody], slug: str) -> Reply:
        """Take suppressions of the workspace away; what was left out meanwhile stays left out."""
        return Reply(RemovedAnswer(removed=self.unsuppress(slug, call.given.patterns)))

    @route(
        "POST",
        _ALL + ":remove",
        scope=Scope.SUPPRESSIONS_WRITE,
        takes=RemoveBody,
        answers=RemovedAnswer,
        everywhere=True,
        once=True,
        audited=Action.SUPPRESSION_REMOVE,
        subject="all",
    )
    def remove_for_all(self, call: Call[RemoveBody]) -> Reply:
        """Take suppressions that hold in every workspace away."""
        return Reply(RemovedAnswer(removed=self.unsuppress(None, call.given.patterns)))

    def _page(self, call: Call[PageQuery], workspace_id: int | None) -> Reply:
        given = call.given
        found = self.suppressions.suppressions(
            workspace_id, after=_CURSOR.read(given.cursor) or 0, limit=given.limit + 1, own=True
        )
        return Reply(
            page(found, given.limit, show=_shown, cursor=lambda last: _CURSOR.write(last.id))
        )

    def _add(self, call: Call[SuppressBody], slug: str | None) -> Reply:
        given = call.given
        done = self.suppress(slug, given.patterns, given.reason, by=call.actor)
        return Reply(SuppressedAnswer(read=done.read, added=done.added, bad=[*done.bad_lines]))


def _shown(row: Suppression) -> SuppressionAnswer:
    return SuppressionAnswer(
        id=row.id,
        pattern=row.target.pattern,
        kind=row.target.kind,
        reason=row.reason,
        at=row.at,
        by=row.by,
    )
