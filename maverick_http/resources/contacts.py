"""Contacts: where each is, and how it came there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.access.rules import Scope
from maverick_core.kernel.email import normalise_email
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.pipeline.views import BatchViews, ContactPages, ContactView
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import Page
from maverick_http.schemas.contacts import (
    ContactAnswer,
    ContactsQuery,
    StepAnswer,
    TraceAnswer,
    TraceQuery,
)

_CURSOR: Final = Cursor("contacts", int)


@dataclass(frozen=True, slots=True)
class ContactsResource:
    """Contacts: list, trace."""

    pages: ContactPages
    views: BatchViews
    workspaces: Workspaces

    @route(
        "GET",
        "/workspaces/{slug}/contacts",
        scope=Scope.CONTACTS_READ,
        takes=ContactsQuery,
        answers=Page[ContactAnswer],
    )
    def list(self, call: Call[ContactsQuery], slug: str) -> Reply:
        """List the workspace's contacts in the order in which they came in."""
        given = call.given
        found = self.pages.contacts(
            self.workspaces.workspace(slug).id,
            state=given.state,
            import_id=given.import_id,
            batch_id=parse_batch_name(given.batch) if given.batch else None,
            after=_CURSOR.read(given.cursor) or 0,
            limit=given.limit + 1,
        )
        return Reply(
            page(found, given.limit, show=_shown, cursor=lambda last: _CURSOR.write(last.id))
        )

    @route(
        "GET",
        "/workspaces/{slug}/contacts:trace",
        scope=Scope.CONTACTS_READ,
        takes=TraceQuery,
        answers=TraceAnswer,
    )
    def trace(self, call: Call[TraceQuery], slug: str) -> Reply:
        """Tell the whole way of the contact with this e-mail, and where it is now."""
        workspace = self.workspaces.workspace(slug)
        trace = self.views.trace(workspace.id, normalise_email(call.given.email))
        return Reply(
            TraceAnswer(
                contact_id=trace.contact_id,
                email=trace.email,
                state=trace.state,
                batch=_batch(trace.batch_id),
                steps=[StepAnswer.model_validate(step) for step in trace.steps],
            )
        )


def _shown(contact: ContactView) -> ContactAnswer:
    return ContactAnswer(
        id=contact.id,
        email=contact.email,
        first_name=contact.first_name,
        last_name=contact.last_name,
        company=contact.company,
        import_id=contact.import_id,
        verified_at=contact.verified_at,
        state=contact.state,
        batch=_batch(contact.batch_id),
        reason=contact.reason,
    )


def _batch(batch_id: int | None) -> str | None:
    return None if batch_id is None else batch_name(batch_id)
