"""Pages of the master list: read by key, merged by the core, and put in their place.

Everything is looked up by equal keys, table by table: joins would be planned by what was known of
tables when they were last analysed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    select,
)

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.part import AnyRow, ids, replace_rows
from maverick_adapters.sql.tables import (
    batch_members,
    candidates,
    contact_batches,
    contacts,
    master_batches,
    master_contacts,
    master_marks,
    outcomes,
    raw_contacts,
)
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    Person,
    SeenAs,
    Sighting,
)
from maverick_core.pipeline.raw import Origin, OriginKind

_master, _contact = master_contacts.c, contacts.c
_COLUMNS: Final = tuple(column.name for column in master_contacts.columns)
_FIELDS: Final = len(Person._fields)
_LIKE_CONTACTS: Final = ("first_name", "last_name", "title", "company")


class _Page:
    """Mailboxes that the list is told of, in a transaction that has its turn."""

    def __init__(self, connection: Connection, dialect: Dialect, emails: Sequence[str]) -> None:
        self._connection = connection
        self._dialect = dialect
        of_these = dialect.among_keys(_master.email, emails)
        rows = connection.execute(master_rows().where(of_these)).all() if emails else ()
        self._known = {row.email: as_contact(row) for row in rows}

    @property
    def known(self) -> Mapping[str, MasterContact]:
        """What the list says so far."""
        return self._known

    def _replace(self, said: Iterable[MasterContact]) -> None:
        # By e-mail, as the index is: neighbours are written together.
        rows = (_as_row(contact) for contact in sorted(said, key=lambda contact: contact.email))
        replace_rows(
            self._connection, self._dialect, master_contacts, _COLUMNS, rows, known=self._known
        )


class SqlSightingPage(_Page):
    """Candidates or contacts of a workspace that were not told."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        workspace_id: int,
        seen_as: SeenAs,
        limit: int,
    ) -> None:
        """Read them, behind the mark."""
        self._workspace_id = workspace_id
        self._seen_as = seen_as
        rows = _sighted(connection, workspace_id, seen_as, limit)
        self._last = rows[-1].id if rows else None
        super().__init__(connection, dialect, [row.email for row in rows])
        held = self._held_already([row.email for row in rows])
        origins = self._origins(rows)
        self._events = [
            Sighting(
                row.email,
                workspace_id,
                origins[row.came_with],
                row.at,
                Person(*row[-len(_fields_of(seen_as)) :]),
                row.email not in held,
            )
            for row in rows
        ]

    @property
    def events(self) -> Sequence[Sighting]:
        """What is to be told."""
        return self._events

    def keep(self, contacts: Iterable[MasterContact]) -> None:
        """Put it on record and move the mark; see ``MasterPage.keep``."""
        if self._last is None:
            return
        self._replace(contacts)
        statement = self._dialect.insert(master_marks).values(
            workspace_id=self._workspace_id, seen_as=self._seen_as.value, told=self._last
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "seen_as"], set_={"told": self._last}
            )
        )

    def _held_already(self, emails: Sequence[str]) -> set[str]:
        """Return who is counted for this workspace: by what was told of its other table."""
        if not emails:
            return set()
        other = SeenAs.CONTACT if self._seen_as is SeenAs.CANDIDATE else SeenAs.CANDIDATE
        table = _TABLES[other]
        told = _mark(self._connection, self._workspace_id, other)
        query = select(table.c.email).where(
            table.c.workspace_id == self._workspace_id,
            table.c.id <= told,
            self._dialect.among_keys(table.c.email, emails),
        )
        return set(self._connection.execute(query).scalars())

    def _origins(self, rows: Sequence[AnyRow]) -> Mapping[int, Origin]:
        """Return what brought them: an import names itself, a candidate its raw contact."""
        came_with = list({row.came_with for row in rows})
        if self._seen_as is SeenAs.CONTACT:
            return {id_: Origin(OriginKind.CSV_IMPORT, id_) for id_ in came_with}
        raw = raw_contacts.c
        query = select(raw.id, raw.origin_kind, raw.origin_id)
        found = self._connection.execute(query.where(self._dialect.among(raw.id, came_with)))
        return {id_: Origin(OriginKind(kind), origin_id) for id_, kind, origin_id in found}


class SqlOutcomePage(_Page):
    """The outcomes of a batch."""

    def __init__(self, connection: Connection, dialect: Dialect, batch_id: int) -> None:
        """Read the sums first: what settles in between is told again, and never passed over."""
        batch = contact_batches.c
        settled = (batch.accepted + batch.skipped + batch.rejected).label("settled")
        self._batch = connection.execute(
            select(batch.id, batch.workspace_id, settled, batch.not_attachable).where(
                batch.id == batch_id
            )
        ).one()
        rows = _outcomes(connection, dialect, batch_id)
        emails = _emails(connection, dialect, [row.contact_id for row in rows])
        self._events = [
            Happened(emails[row.contact_id], self._batch.workspace_id, Outcome(row.outcome), row.at)
            for row in rows
        ]
        super().__init__(connection, dialect, list(emails.values()))

    @property
    def events(self) -> Sequence[Happened]:
        """What is to be told."""
        return self._events

    def keep(self, contacts: Iterable[MasterContact]) -> None:
        """Put it on record with the sums; see ``MasterPage.keep``."""
        self._replace(contacts)
        sums = {"settled": self._batch.settled, "not_attachable": self._batch.not_attachable}
        statement = self._dialect.insert(master_batches).values(batch_id=self._batch.id, **sums)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["batch_id"], set_=sums)
        )


_TABLES: Final[Mapping[SeenAs, Table]] = {SeenAs.CANDIDATE: candidates, SeenAs.CONTACT: contacts}


def master_rows() -> Select[Any]:
    """Return the query of whole rows of the list."""
    return select(master_contacts)


def as_contact(row: AnyRow) -> MasterContact:
    """Return a row of ``master_rows`` as the core has it."""
    return MasterContact(
        email=row.email,
        person=Person(*row[1 : 1 + _FIELDS]),
        person_at=row.person_at,
        person_from=row.person_from,
        first_seen_at=row.first_seen_at,
        first_workspace_id=row.first_workspace_id,
        first_origin=Origin(OriginKind(row.first_origin_kind), row.first_origin_id),
        last_seen_at=row.last_seen_at,
        workspaces=row.workspaces,
        outcome=row.outcome and Outcome(row.outcome),
        outcome_at=row.outcome_at,
        outcome_workspace_id=row.outcome_workspace_id,
        uploaded_at=row.uploaded_at,
    )


def _as_row(contact: MasterContact) -> tuple[Any, ...]:
    return (
        contact.email,
        *contact.person,
        contact.person_at,
        contact.person_from,
        contact.first_seen_at,
        contact.first_workspace_id,
        contact.first_origin.kind.value,
        contact.first_origin.id,
        contact.last_seen_at,
        contact.workspaces,
        contact.outcome and contact.outcome.value,
        contact.outcome_at,
        contact.outcome_workspace_id,
        contact.uploaded_at,
    )


def _mark(connection: Connection, workspace_id: int, seen_as: SeenAs) -> int:
    mark = master_marks.c
    query = select(mark.told).where(
        mark.workspace_id == workspace_id, mark.seen_as == seen_as.value
    )
    return connection.execute(query).scalar_one_or_none() or 0


def _fields_of(seen_as: SeenAs) -> tuple[str, ...]:
    return _LIKE_CONTACTS if seen_as is SeenAs.CONTACT else Person._fields


def _sighted(
    connection: Connection, workspace_id: int, seen_as: SeenAs, limit: int
) -> Sequence[AnyRow]:
    row: Any = _TABLES[seen_as].c
    candidate = seen_as is SeenAs.CANDIDATE
    came_with: Column[int] = row.raw_contact_id if candidate else row.import_id
    at = row.kept_at if candidate else row.verified_at
    fields: list[ColumnElement[Any]] = [row[name] for name in _fields_of(seen_as)]
    query = (
        select(row.id, row.email, came_with.label("came_with"), at.label("at"), *fields)
        .where(row.workspace_id == workspace_id, row.id > _mark(connection, workspace_id, seen_as))
        .order_by(row.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def _outcomes(connection: Connection, dialect: Dialect, batch_id: int) -> Sequence[AnyRow]:
    members = ids(
        connection,
        select(batch_members.c.contact_id).where(batch_members.c.batch_id == batch_id),
    )
    outcome = outcomes.c
    query: Select[Any] = select(outcome.contact_id, outcome.outcome, outcome.at)
    mine = and_(outcome.batch_id == batch_id, dialect.among(outcome.contact_id, members))
    return connection.execute(query.where(mine)).all()


def _emails(connection: Connection, dialect: Dialect, contact_ids: list[int]) -> dict[int, str]:
    query = select(_contact.id, _contact.email).where(dialect.among(_contact.id, contact_ids))
    return dict(connection.execute(query).all())
