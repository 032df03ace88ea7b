"""Pages of batches, each state read from where the page begins and no further than it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from maverick_adapters.sql.store.desk import DeskPart
from maverick_adapters.sql.tables import batch_members, contact_batches, contacts, workspaces
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import (
    EVERY_BATCH,
    NEWEST_FIRST,
    BatchCursor,
    BatchFilter,
    BatchOrder,
    BatchTotal,
    SortKey,
)
from maverick_core.pipeline.views import BatchView
from maverick_core.workspaces.rules import Hold

_batch = contact_batches.c
_OF_WORKSPACE: Final = {"slug": workspaces.c.slug, "hold": workspaces.c.hold}
_COLUMNS: Final = tuple(BatchView.__dataclass_fields__)
_KEYS: Final[Mapping[SortKey, ColumnElement[Any]]] = {
    SortKey.CREATED: _batch.created_at,
    SortKey.UPDATED: _batch.updated_at,
    SortKey.CONTACTS: _batch.contacts,
}


class PagesPart(DeskPart):
    """Satisfies ``BatchPages``."""

    def batches(
        self,
        wanted: BatchFilter = EVERY_BATCH,
        *,
        order: BatchOrder = NEWEST_FIRST,
        after: BatchCursor | None = None,
        limit: int = 50,
    ) -> Sequence[BatchView]:
        """Return a page; see ``BatchPages.batches``.

        One short walk along an index for each state, put together: the walks are as long as the
        page, however many batches there are. Where a filter leaves few, those are looked at.
        """
        with self._database.snapshot() as connection:
            walks = [
                walk.order_by(*_ordered(order, *walk.selected_columns)).limit(limit).subquery()
                for walk in self._walks(connection, wanted, order, after)
            ]
            if not walks:
                return []
            pages = union_all(*(select(walk) for walk in walks)).subquery()
            ids = select(pages.c.id).order_by(*_ordered(order, pages.c.key, pages.c.id))
            found = connection.execute(ids.limit(limit)).scalars().all()
            these = self._dialect.among(_batch.id, found)
            rows = connection.execute(batch_query().where(these)).mappings()
            views = {row["id"]: batch_view(row) for row in rows}
        return [views[batch_id] for batch_id in found]

    def batch_totals(self, wanted: BatchFilter = EVERY_BATCH) -> Mapping[BatchState, BatchTotal]:
        """Count by state; see ``BatchPages.batch_totals``."""
        with self._database.snapshot() as connection:
            query = (
                select(_batch.state, func.count(), func.sum(_batch.contacts))
                .where(*_narrowed(connection, wanted))
                .where(*self._among_few(connection, wanted))
                .group_by(_batch.state)
            )
            found = {
                BatchState(state): BatchTotal(batches, contacts)
                for state, batches, contacts in connection.execute(query)
            }
        return {state: found.get(state, BatchTotal(0, 0)) for state in BatchState}

    def queue_positions(self, batch_ids: Sequence[int]) -> Mapping[int, int]:
        """Count what waits, place by place; see ``BatchPages.queue_positions``."""
        place = func.row_number().over(order_by=_batch.id).label("place")
        waiting = self._waiting(_batch.id, place).order_by(None).subquery()
        query = select(waiting).where(self._dialect.among(waiting.c.id, list(batch_ids)))
        with self._database.read() as connection:
            return dict(connection.execute(query).all())

    def _walks(
        self,
        connection: Connection,
        wanted: BatchFilter,
        order: BatchOrder,
        after: BatchCursor | None,
    ) -> Iterator[Select[Any]]:
        """Yield selects of key and id which together find what is wanted behind the cursor."""
        states, narrowed = _states(wanted), _narrowed(connection, wanted)
        few = self._among_few(connection, wanted)
        if few:
            # Within CASE no condition tempts SQLite to walk an index instead.
            fits = case((and_(_batch.state.in_(states), *narrowed), true()), else_=false())
            yield _behind(after, order, _KEYS[order.by]).where(*few, fits)
            return
        for state in states:
            key = _KEYS[order.by]
            if order.by is not SortKey.CREATED and _is_narrow(wanted):
                # Sorted, for what is sorted has an index of its own: nothing else is looked at.
                key = func.coalesce(key, key)
            elif order.by is SortKey.UPDATED and state is not BatchState.UPLOADING:
                key = _batch.rested_at  # the same, with an index
            yield _behind(after, order, key).where(_batch.state == state, *narrowed)

    def _among_few(
        self, connection: Connection, wanted: BatchFilter
    ) -> Sequence[ColumnElement[bool]]:
        """Return the conditions of those filters that leave few batches, whatever there are."""
        found: list[ColumnElement[bool]] = []
        if wanted.batch_id is not None:
            found.append(_batch.id == wanted.batch_id)
        for few in _few(wanted):
            ids = connection.execute(few).scalars().all()
            found.append(self._dialect.among(_batch.id, ids))
        return found


def _is_narrow(wanted: BatchFilter) -> bool:
    """Say whether a filter leaves a small part of all batches: a client's, a month's, some days'.

    To walk all of them along another order, for the few that fit, would take longer than a sort.
    """
    times = wanted.created_from, wanted.created_before
    return any(each is not None for each in (wanted.slug, wanted.month, *times))


def _few(wanted: BatchFilter) -> Iterator[Select[tuple[int]]]:
    if wanted.min_claims > 1:
        # The first condition in the words of the partial index.
        claims: ColumnElement[int] = literal_column("contact_batches.claims")
        again = claims > literal_column("1")
        yield select(_batch.id).where(again, _batch.claims >= wanted.min_claims)
    if wanted.email is not None:
        yield _batches_of(wanted.email)


def _narrowed(connection: Connection, wanted: BatchFilter) -> list[ColumnElement[bool]]:
    """Return every other condition, but those of the state."""
    found: list[ColumnElement[bool]] = []
    if wanted.slug is not None:
        own = select(workspaces.c.id).where(workspaces.c.slug == wanted.slug)
        found.append(_batch.workspace_id == connection.execute(own).scalar())
    if wanted.month is not None:
        found.append(_batch.month == wanted.month)
    if wanted.codes:
        found.append(_batch.failure_code.in_(wanted.codes))
    if wanted.created_from is not None:
        found.append(_batch.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found.append(_batch.created_at < wanted.created_before)
    if wanted.min_claims == 1:
        found.append(_batch.claims >= 1)
    return found


def _states(wanted: BatchFilter) -> Sequence[BatchState]:
    """Return the states to be walked; a reason is what failed batches have."""
    states = wanted.states or frozenset(BatchState)
    return sorted(states & {BatchState.FAILED} if wanted.codes else states)


def _behind(after: BatchCursor | None, order: BatchOrder, key: ColumnElement[Any]) -> Select[Any]:
    """Select key and id of the batches behind the cursor."""
    query = select(key.label("key"), _batch.id)
    if after is None:
        return query
    place, last = tuple_(key, _batch.id), tuple_(after.key, after.id)
    return query.where(place < last if order.descending else place > last)


def _ordered(order: BatchOrder, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if order.descending else column.asc() for column in columns]


def _batches_of(email: str) -> Select[tuple[int]]:
    """Select the batches that a contact with this e-mail is in, or was, whoever's it is.

    Each workspace is asked, by its key; each half of the memberships has an index of its own.
    """
    contact, member = contacts.c, batch_members.c
    own = select(workspaces.c.id)
    mine = or_(
        and_(member.contact_id == contact.id, ~member.released),
        and_(member.contact_id == contact.id, member.released),
    )
    return (
        select(member.batch_id)
        .join_from(contacts, batch_members, mine)
        .where(contact.workspace_id.in_(own), contact.email == email)
    )


def batch_query() -> Select[Any]:
    """Select batches as people see them."""
    columns = [_OF_WORKSPACE[name] if name in _OF_WORKSPACE else _batch[name] for name in _COLUMNS]
    same = workspaces.c.id == _batch.workspace_id
    return select(*columns).join_from(contact_batches, workspaces, same)


def batch_view(row: RowMapping) -> BatchView:
    """Return the batch of a row of ``batch_query``."""
    hold = Hold(row["hold"]) if row["hold"] else None
    return BatchView(**{**row, "state": BatchState(row["state"]), "hold": hold})
