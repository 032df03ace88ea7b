"""Contacts: where each is, and how it came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from maverick_core.access.rules import Role, Scope
from maverick_core.kernel.email import normalise_email
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.pipeline.tracing import TraceMailbox, Way
from maverick_core.pipeline.views import ContactPages, ContactView, no_contact
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import Page
from maverick_http.schemas.contacts import (
    ContactAnswer,
    ContactsQuery,
    MailboxTraceAnswer,
    StepAnswer,
    TraceAnswer,
    TraceQuery,
)

_CURSOR: Final = Cursor("contacts", int)


@dataclass(frozen=True, slots=True)
class ContactsResource:
    """Contacts: list, trace."""

    pages: ContactPages
    workspaces: Workspaces
    trace_mailbox: TraceMailbox

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
        """Tell the whole way of the contact with this e-mail, and where it is now.

        It begins where it was found, before it was a contact; of that, a client's key is told what
        happened, without the sources, rules and findings behind it.
        """
        way = self._way(call, slug)
        if way.contact is None:
            raise no_contact()
        return Reply(
            TraceAnswer(
                contact_id=way.contact.contact_id,
                email=way.contact.email,
                state=way.contact.state,
                batch=_batch(way.contact.batch_id),
                steps=[*_steps(way)],
            )
        )

    @route(
        "GET",
        "/workspaces/{slug}/mailboxes:trace",
        scope=Scope.CONTACTS_READ,
        takes=TraceQuery,
        answers=MailboxTraceAnswer,
    )
    def mailbox(self, call: Call[TraceQuery], slug: str) -> Reply:
        """Tell the way of a mailbox that need not be a contact: it may wait, or be filtered.

        A client's key is told what happened, without the sources, rules and findings behind it.
        """
        way = self._way(call, slug)
        contact = way.contact
        return Reply(
            MailboxTraceAnswer(
                email=normalise_email(call.given.email),
                contact_id=contact.contact_id if contact else None,
                state=contact.state if contact else None,
                batch=_batch(contact.batch_id) if contact else None,
                steps=[*_steps(way)],
            )
        )

    def _way(self, call: Call[TraceQuery], slug: str) -> Way:
        email = normalise_email(call.given.email)
        caller = call.caller
        return self.trace_mailbox(
            slug,
            email,
            everywhere=caller.slug is None,
            in_detail=caller.role is not Role.CLIENT,
        )


def _steps(way: Way) -> Sequence[StepAnswer]:
    return [StepAnswer.model_validate(step) for step in way.steps]


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
