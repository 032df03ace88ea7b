"""The whole way of one contact, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, and_, or_, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.views import contact_state, with_memberships
from maverick_adapters.sql.tables import (
    batch_members,
    contact_batches,
    contacts,
    imports,
    outcomes,
)
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.views import Trace, TraceStep, no_contact


class TracesPart(Part):
    """Answers where a contact is and how it came there."""

    def trace(self, workspace_id: int, email: str) -> Trace:
        """Return the way of a contact; see ``BatchViews.trace``."""
        with self._database.snapshot() as connection:
            contact = _contact(connection, workspace_id, email)
            memberships = _memberships(connection, contact.id)
        state, batch_id = ContactState.VERIFIED, None
        for membership in memberships:
            if not membership.released:
                state, batch_id = ContactState(membership.contact_state), membership.id
        return Trace(contact.id, email, state, batch_id, tuple(_steps(contact, memberships)))


def _contact(connection: Connection, workspace_id: int, email: str) -> AnyRow:
    contact = connection.execute(
        select(contacts.c.id, contacts.c.verified_at, imports.c.file_name)
        .join_from(contacts, imports, imports.c.id == contacts.c.import_id)
        .where(contacts.c.workspace_id == workspace_id, contacts.c.email == email)
    ).one_or_none()
    if contact is None:
        raise no_contact()
    return contact


def _memberships(connection: Connection, contact_id: int) -> Sequence[AnyRow]:
    """Return the contact's memberships, oldest first. All but the last one were released."""
    batch = contact_batches.c
    wanted = select(
        batch.id,
        batch.month,
        batch.created_at,
        batch.updated_at,
        batch_members.c.released,
        outcomes.c.outcome,
        outcomes.c.reason,
        outcomes.c.at,
        contact_state().label("contact_state"),
    )
    member = batch_members.c
    # Said for each half apart, so that the two partial indexes know themselves.
    mine = or_(
        and_(member.contact_id == contact_id, ~member.released),
        and_(member.contact_id == contact_id, member.released),
    )
    query = with_memberships(wanted).where(mine)
    return connection.execute(query.order_by(batch.id)).all()


def _steps(contact: AnyRow, memberships: Sequence[AnyRow]) -> Iterator[TraceStep]:
    yield TraceStep(contact.verified_at, "imported", contact.file_name)
    for row in memberships:
        name = batch_name(row.id)
        yield TraceStep(row.created_at, "batched", f"{name} for {row.month}")
        if row.released:
            yield TraceStep(row.updated_at, "released", f"{name} was cancelled")
        if row.outcome:
            yield TraceStep(row.at, row.outcome, row.reason or "")
