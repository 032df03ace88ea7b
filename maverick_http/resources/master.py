"""Every known mailbox once over all workspaces; it concerns all, and so do most of its routes."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.email import normalise_email
from maverick_core.pipeline.master_fill.ports import MasterView, MasterViews
from maverick_core.pipeline.master_fill.request import RequestFill
from maverick_core.workspaces.ports import Workspaces
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.contacts import TraceQuery
from maverick_http.schemas.master import (
    FillBody,
    MasterContactAnswer,
    MasterStatsAnswer,
    PersonAnswer,
)
from maverick_http.schemas.operations import OperationAnswer


@dataclass(frozen=True, slots=True)
class MasterResource:
    """The master list: count, find, fill."""

    workspaces: Workspaces
    views: MasterViews
    request_fill: RequestFill

    @route("GET", "/master", scope=Scope.MASTER_READ, answers=MasterStatsAnswer, everywhere=True)
    def count(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Count the list."""
        return Reply(MasterStatsAnswer.model_validate(self.views.master_stats()))

    @route(
        "GET",
        "/master/contacts:find",
        scope=Scope.MASTER_READ,
        takes=TraceQuery,
        answers=MasterContactAnswer,
        everywhere=True,
    )
    def find(self, call: Call[TraceQuery]) -> Reply:
        """Show what all workspaces together know of a mailbox, and where that is from."""
        view = self.views.master_contact(normalise_email(call.given.email))
        slugs = {each.id: each.slug for each in self.workspaces.workspaces()}
        return Reply(_shown(view, slugs))

    @route(
        "POST",
        "/master/fills",
        scope=Scope.MASTER_WRITE,
        takes=FillBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        everywhere=True,
        once=True,
        audited=Action.MASTER_FILL,
        subject="master list",
    )
    def fill(self, call: Call[FillBody]) -> Reply:
        """Ask for the list to be told what came in since the last fill. A worker does it."""
        return accepted(self.request_fill(rebuild=call.given.rebuild, by=call.actor), call.caller)


def _shown(view: MasterView, slugs: dict[int, str]) -> MasterContactAnswer:
    contact = view.contact
    return MasterContactAnswer(
        email=contact.email,
        person=PersonAnswer.model_validate(contact.person),
        as_known_to=slugs[contact.person_from],
        known_since=contact.person_at,
        first_seen_in=slugs[contact.first_workspace_id],
        first_seen_at=contact.first_seen_at,
        first_origin=contact.first_origin.kind,
        last_seen_at=contact.last_seen_at,
        workspaces=contact.workspaces,
        last_outcome=contact.outcome,
        last_outcome_in=slugs.get(contact.outcome_workspace_id or 0),
        last_outcome_at=contact.outcome_at,
        last_uploaded_at=contact.uploaded_at,
        verdict=view.verdict,
    )
