"""Contacts coming in: copied to a stage beside the table, then moved in by one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    and_,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.errors import DefectError
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import Instant, contacts, imports
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.csv_import.ports import ImportCounts, NewContact
from maverick_core.pipeline.raw_import.rules import ImportState

_FIELDS = NewContact._fields

_stage = Table(
    "staged_contacts",
    MetaData(),
    Column("line", Integer, nullable=False),
    *(Column(name, contacts.c[name].type) for name in _FIELDS),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
_make_stage = CreateTable(_stage, if_not_exists=True)


class ImportsPart(Part):
    """Where a verified list becomes contacts."""

    def begin_import(self, workspace_id: int, file_name: str, *, at: datetime) -> int:
        """Put the import on record; see ``NewContacts.begin_import``."""
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            import_id: int = connection.execute(
                insert(imports)
                .values(workspace_id=workspace_id, file_name=file_name, started_at=at)
                .returning(imports.c.id)
            ).scalar_one()
        return import_id

    def add_contacts(
        self, import_id: int, contacts: Sequence[NewContact], *, rows_read: int, at: datetime
    ) -> Mapping[str, int]:
        """Add what is new and name what is known; see ``NewContacts.add_contacts``.

        Imports of one workspace take turns, so none of them meets a contact that another one is
        just adding.
        """
        with self._database.write() as connection:
            workspace_id = workspace_of(connection, import_id)
            import_turn(connection, self._dialect, workspace_id)
            self._fill_stage(connection, contacts)
            known = _staged_and_known(connection, workspace_id)
            added = self._move_in(connection, workspace_id, import_id, at)
            if added + len(known) != len(contacts):
                raise DefectError("contacts to add are distinct")
            count_rows(connection, import_id, rows=rows_read, added=added)
            return known

    def known_contacts(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, int]:
        """Return which e-mails are known; see ``NewContacts.known_contacts``."""
        query = select(contacts.c.email, contacts.c.import_id).where(
            contacts.c.workspace_id == workspace_id,
            self._dialect.among(contacts.c.email, list(emails)),
        )
        with self._database.read() as connection:
            return dict(connection.execute(query).all())

    def finish_import(self, import_id: int, *, at: datetime) -> ImportCounts:
        """Close the import's record; see ``NewContacts.finish_import``."""
        with self._database.write() as connection:
            row = connection.execute(
                update(imports)
                .where(imports.c.id == import_id)
                .values(state=ImportState.DONE, finished_at=at, updated_at=at)
                .returning(imports.c.rows, imports.c.added, imports.c.rejected)
            ).one_or_none()
        if row is None:
            raise _import_missing(import_id)
        return ImportCounts(*row)

    def _fill_stage(self, connection: Connection, rows: Sequence[NewContact]) -> None:
        connection.execute(_make_stage)
        connection.execute(_stage.delete())
        numbered = ((line, *row) for line, row in enumerate(rows))
        self._dialect.append(connection, _stage, ("line", *_FIELDS), numbered)

    def _move_in(
        self, connection: Connection, workspace_id: int, import_id: int, at: datetime
    ) -> int:
        """Insert what is staged in its order, so that ids follow the file; return how many."""
        staged = select(
            literal(workspace_id),
            *(_stage.c[name] for name in _FIELDS),
            literal(import_id),
            literal(at, Instant),
        ).order_by(_stage.c.line)
        names = ["workspace_id", *_FIELDS, "import_id", "verified_at"]
        statement = (
            self._dialect.insert(contacts)
            .from_select(names, staged)
            .on_conflict_do_nothing(index_elements=["workspace_id", "email"])
            .execution_options(preserve_rowcount=True)
        )
        return connection.execute(statement).rowcount


def import_turn(connection: Connection, dialect: Dialect, workspace_id: int) -> None:
    """Keep others from adding contacts to the workspace until the transaction ends."""
    dialect.take_turn(connection, f"import to workspace {workspace_id}")


def workspace_of(connection: Connection, import_id: int) -> int:
    """Return whose import it is, or raise ``Missing``."""
    workspace_id: int | None = connection.execute(
        select(imports.c.workspace_id).where(imports.c.id == import_id)
    ).scalar_one_or_none()
    if workspace_id is None:
        raise _import_missing(import_id)
    return workspace_id


def _staged_and_known(connection: Connection, workspace_id: int) -> dict[str, int]:
    """Look each staged e-mail up by its key.

    A join would be planned by what was known of the table when it was last analysed, which for a
    first import is nothing, and might read all of the workspace's contacts again for every page.
    """
    same = and_(contacts.c.workspace_id == workspace_id, contacts.c.email == _stage.c.email)
    known = select(contacts.c.import_id).where(same).scalar_subquery()
    found = select(_stage.c.email, known.label("import_id")).subquery()
    query = select(found).where(found.c.import_id.is_not(None))
    return dict(connection.execute(query).all())


def count_rows(connection: Connection, import_id: int, *, rows: int, added: int) -> None:
    """Add to an import's record: what was not added was rejected."""
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values(
            rows=imports.c.rows + rows,
            added=imports.c.added + added,
            rejected=imports.c.rejected + rows - added,
        )
    )


def _import_missing(import_id: int) -> Missing:
    return Missing(f"There is no import {import_id}.", code="import_missing")
