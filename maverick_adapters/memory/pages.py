"""Pages of batches and contacts, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from maverick_adapters.memory.tables import ContactRecord, Tables, Transactions
from maverick_adapters.memory.uploads import why_not_claimable
from maverick_adapters.memory.views import batch_view, contact_state
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.pages import (
    EVERY_BATCH,
    NEWEST_FIRST,
    BatchCursor,
    BatchFilter,
    BatchOrder,
    BatchTotal,
)
from maverick_core.pipeline.views import BatchView, ContactView


class MemoryPages(Transactions):
    """Satisfies ``BatchPages`` and ``ContactPages``."""

    def batches(
        self,
        wanted: BatchFilter = EVERY_BATCH,
        *,
        order: BatchOrder = NEWEST_FIRST,
        after: BatchCursor | None = None,
        limit: int = 50,
    ) -> Sequence[BatchView]:
        """Return a page."""
        views = [view for view in _narrowed(self._tables, wanted) if _in_state(view, wanted)]

        def place(view: BatchView) -> tuple[Any, int]:
            cursor = order.cursor(view)
            return cursor.key, cursor.id

        views.sort(key=place, reverse=order.descending)
        if after is not None:
            last = after.key, after.id
            views = [view for view in views if _is_behind(place(view), last, order)]
        return views[:limit]

    def batch_totals(self, wanted: BatchFilter = EVERY_BATCH) -> Mapping[BatchState, BatchTotal]:
        """Count by state."""
        found: dict[BatchState, list[int]] = {state: [] for state in BatchState}
        for view in _narrowed(self._tables, wanted):
            found[view.state].append(view.contacts)
        return {state: BatchTotal(len(sizes), sum(sizes)) for state, sizes in found.items()}

    def queue_positions(self, batch_ids: Sequence[int]) -> Mapping[int, int]:
        """Count what waits, place by place."""
        tables, now = self._tables, self._clock.now()
        waiting = (
            batch.id
            for batch in tables.batches.values()
            if not why_not_claimable(tables, batch, now)
        )
        places = {batch_id: place for place, batch_id in enumerate(waiting, start=1)}
        return {batch_id: places[batch_id] for batch_id in batch_ids if batch_id in places}

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
        """Return a page."""
        tables = self._tables
        views = (
            _contact(tables, row)
            for row in tables.contacts.values()
            if row.workspace_id == workspace_id and row.id > after
        )
        matching = (
            view
            for view in views
            if state in {None, view.state}
            and import_id in {None, view.import_id}
            and batch_id in {None, view.batch_id}
        )
        return list(islice(matching, limit))


def _is_behind(place: tuple[Any, int], last: tuple[Any, int], order: BatchOrder) -> bool:
    return place < last if order.descending else place > last


def _in_state(view: BatchView, wanted: BatchFilter) -> bool:
    return not wanted.states or view.state in wanted.states


def _narrowed(tables: Tables, wanted: BatchFilter) -> Iterator[BatchView]:
    """Yield what matches but for its state."""
    inside = None if wanted.email is None else set(_batches_of(tables, wanted.email))
    for batch in tables.batches.values():
        view = batch_view(tables, batch)
        if (
            wanted.slug in {None, view.slug}
            and wanted.month in {None, view.month}
            and (not wanted.codes or view.failure_code in wanted.codes)
            and (wanted.created_from is None or view.created_at >= wanted.created_from)
            and (wanted.created_before is None or view.created_at < wanted.created_before)
            and view.claims >= wanted.min_claims
            and wanted.batch_id in {None, view.id}
            and (inside is None or view.id in inside)
        ):
            yield view


def _batches_of(tables: Tables, email: str) -> Iterator[int]:
    contacts = {id_ for (_, known), id_ in tables.ids_by_email.items() if known == email}
    return (batch.id for batch in tables.batches.values() if contacts & set(batch.members))


def _contact(tables: Tables, row: ContactRecord) -> ContactView:
    batch_id = tables.places.get(row.id)
    state, reason = ContactState.VERIFIED, ""
    if batch_id is not None:
        batch = tables.batches[batch_id]
        state = contact_state(tables, batch, batch.members.index(row.id), row.id)
        outcome = tables.outcomes.get(row.id)
        reason = outcome.reason if outcome else ""
    return ContactView(
        id=row.id,
        email=row.contact.email,
        first_name=row.contact.first_name,
        last_name=row.contact.last_name,
        company=row.contact.company,
        import_id=row.import_id,
        verified_at=row.added_at,
        state=state,
        batch_id=batch_id,
        reason=reason,
    )
