"""Pages of contacts, each with the batch that it is in now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.views import contact_state
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    contacts,
    outcomes,
)
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.views import ContactView


class ContactsPart(Part):
    """Satisfies ``ContactPages``."""

    def contacts(
        self,
        workspace_id: int,
        *,
        state: ContactState | None = None,
        import_id: int | None = None,
        batch_id: int | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> Sequence[ContactView]:
        """Return a page; see ``ContactPages.contacts``.

        A filter is a walk over the workspace's contacts, as far as the page takes.
        """
        where = case(
            (batch_members.c.batch_id.is_(None), ContactState.VERIFIED), else_=contact_state()
        )
        query = _contacts(where).where(
            contacts.c.workspace_id == workspace_id, contacts.c.id > after
        )
        if state is not None:
            query = query.where(where == state)
        if import_id is not None:
            query = query.where(contacts.c.import_id == import_id)
        if batch_id is not None:
            query = query.where(batch_members.c.batch_id == batch_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(contacts.c.id).limit(limit)).mappings()
            return [ContactView(**{**row, "state": ContactState(row["state"])}) for row in rows]


def _contacts(where: Any) -> Select[Any]:
    contact, member = contacts.c, batch_members.c
    batch, chunk, outcome = contact_batches.c, batch_chunks.c, outcomes.c
    number = member.position // batch.chunk_size
    return (
        select(
            contact.id,
            contact.email,
            contact.first_name,
            contact.last_name,
            contact.company,
            contact.import_id,
            contact.verified_at,
            where.label("state"),
            member.batch_id,
            func.coalesce(outcome.reason, "").label("reason"),
        )
        .select_from(contacts)
        .outerjoin(batch_members, and_(member.contact_id == contact.id, ~member.released))
        .outerjoin(contact_batches, batch.id == member.batch_id)
        .outerjoin(batch_chunks, and_(chunk.batch_id == batch.id, chunk.number == number))
        .outerjoin(outcomes, outcome.contact_id == contact.id)
    )
