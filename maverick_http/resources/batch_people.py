"""Who is in a batch, and who of them was not taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from maverick_core.access.rules import Scope
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.pipeline.contact import NOT_TAKEN
from maverick_core.pipeline.upload.ports import LeadsToSend
from maverick_core.pipeline.views import BatchViews, MemberView
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.rejects import rejects_file
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery, Page, PageQuery
from maverick_http.schemas.batches import (
    MemberAnswer,
    MembersQuery,
    ReasonAnswer,
    RejectsPage,
)

_MEMBERS: Final = Cursor("members", int)
_REJECTS: Final = Cursor("rejects", int)


@dataclass(frozen=True, slots=True)
class BatchPeopleResource:
    """Contacts of a batch: list, and those that were not taken, as a list and as a file."""

    views: BatchViews
    leads: LeadsToSend
    workspaces: Workspaces

    @route(
        "GET",
        "/batches/{batch}/contacts",
        scope=Scope.CONTACTS_READ,
        takes=MembersQuery,
        answers=Page[MemberAnswer],
    )
    def list(self, call: Call[MembersQuery], batch: str) -> Reply:
        """List the batch's contacts in the order in which they are sent."""
        given = call.given
        members = self.views.members(
            parse_batch_name(batch),
            states={given.state} if given.state else frozenset(),
            after=_after(_MEMBERS, given.cursor),
            limit=given.limit + 1,
        )
        return Reply(page([*members], given.limit, show=_shown, cursor=_mark(_MEMBERS)))

    @route(
        "GET",
        "/batches/{batch}/rejects",
        scope=Scope.CONTACTS_READ,
        takes=PageQuery,
        answers=RejectsPage,
    )
    def rejects(self, call: Call[PageQuery], batch: str) -> Reply:
        """List those who were not taken or not attached, and count all of them by reason."""
        given, batch_id = call.given, parse_batch_name(batch)
        members = self.views.members(
            batch_id,
            states=NOT_TAKEN,
            after=_after(_REJECTS, given.cursor),
            limit=given.limit + 1,
        )
        part = page([*members], given.limit, show=_shown, cursor=_mark(_REJECTS))
        reasons = [ReasonAnswer.model_validate(each) for each in self.views.reasons(batch_id)]
        return Reply(RejectsPage(**dict(part), reasons=reasons))

    @route(
        "GET",
        "/batches/{batch}/rejects.csv",
        scope=Scope.CONTACTS_READ,
        answers=None,
        media="text/csv",
    )
    def file(self, call: Call[NoQuery], batch: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Download those who were not taken, ready to be corrected and imported again.

        No cell of it is a formula to a spreadsheet; what was put in front is taken away again when
        it is imported.
        """
        batch_id = parse_batch_name(batch)
        workspace = self.workspaces.workspace(self.views.batch(batch_id).slug)
        name = f"{batch_name(batch_id)}.rejects.csv"
        return Reply(
            rejects_file(
                lambda after: self.views.members(batch_id, states=NOT_TAKEN, after=after),
                partial(self.leads.leads, workspace.id),
            ),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _shown(member: MemberView) -> MemberAnswer:
    return MemberAnswer.model_validate(member)


def _after(cursor: Cursor[int], text: str | None) -> int:
    position = cursor.read(text)
    return -1 if position is None else position


def _mark(cursor: Cursor[int]) -> Callable[[MemberView], str]:
    return lambda last: cursor.write(last.position)
