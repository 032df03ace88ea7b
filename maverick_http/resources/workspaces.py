"""The clients that contacts are uploaded for."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.workspaces.ports import Workspaces
from maverick_core.workspaces.rules import Workspace, new_workspace
from maverick_http.paging import Cursor, page
from maverick_http.routes import API, Call, Reply, route
from maverick_http.schemas.base import NoQuery, Page, PageQuery
from maverick_http.schemas.workspaces import NewWorkspaceBody, WorkspaceAnswer, WorkspaceChanges
from maverick_http.versions import check_version

_CURSOR: Final = Cursor("workspaces", str)


@dataclass(frozen=True, slots=True)
class WorkspacesResource:
    """Workspaces: list, show, add, change."""

    workspaces: Workspaces

    @route(
        "GET",
        "/workspaces",
        scope=Scope.WORKSPACES_READ,
        takes=PageQuery,
        answers=Page[WorkspaceAnswer],
    )
    def list(self, call: Call[PageQuery]) -> Reply:
        """List the workspaces that the key reaches, by slug."""
        after = _CURSOR.read(call.given.cursor) or ""
        found = [
            each
            for each in self.workspaces.workspaces()
            if call.caller.reaches(each.slug) and each.slug > after
        ]
        return Reply(
            page(found, call.given.limit, show=_shown, cursor=lambda last: _CURSOR.write(last.slug))
        )

    @route("GET", "/workspaces/{slug}", scope=Scope.WORKSPACES_READ, answers=WorkspaceAnswer)
    def show(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show a workspace. Its ETag is what a change is based on."""
        return _reply(self.workspaces.workspace(slug))

    @route(
        "POST",
        "/workspaces",
        scope=Scope.WORKSPACES_WRITE,
        takes=NewWorkspaceBody,
        answers=WorkspaceAnswer,
        status=HTTPStatus.CREATED,
        everywhere=True,
        once=True,
        audited=Action.WORKSPACE_ADD,
    )
    def add(self, call: Call[NewWorkspaceBody]) -> Reply:
        """Add a workspace. It is on hold until its token is stored."""
        given = call.given
        new = new_workspace(
            given.slug,
            given.timezone,
            batch_size=given.batch_size,
            campaign_id=given.campaign_id,
        )
        return _reply(self.workspaces.add_workspace(new), location=f"{API}/workspaces/{new.slug}")

    @route(
        "PATCH",
        "/workspaces/{slug}",
        scope=Scope.WORKSPACES_WRITE,
        takes=WorkspaceChanges,
        answers=WorkspaceAnswer,
        conditional=True,
        audited=Action.WORKSPACE_SET,
    )
    def change(self, call: Call[WorkspaceChanges], slug: str) -> Reply:
        """Change a workspace. Batches that are planned keep their month, size and campaign."""
        now = self.workspaces.workspace(slug)
        check_version(call.if_match, _version(now))
        given = call.given
        new = new_workspace(
            slug,
            given.timezone or now.timezone,
            batch_size=given.batch_size or now.batch_size,
            campaign_id=(
                given.campaign_id if "campaign_id" in given.model_fields_set else now.campaign_id
            ),
        )
        return _reply(self.workspaces.change_workspace(new, seen=call.seen(now.asked)))


def _reply(workspace: Workspace, *, location: str = "") -> Reply:
    return Reply(_shown(workspace), version=_version(workspace), location=location)


def _shown(workspace: Workspace) -> WorkspaceAnswer:
    return WorkspaceAnswer.model_validate(workspace)


def _version(workspace: Workspace) -> object:
    return [workspace.slug, workspace.timezone, workspace.batch_size, workspace.campaign_id]
