"""Raw contacts: appended by whatever brings them, read once by the filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.imports import count_rows, workspace_of
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    candidate_verdicts,
    candidates,
    contacts,
    filter_marks,
    filter_verdicts,
    raw_contacts,
    verification_marks,
)
from maverick_core.kernel.text import are_storable, storable
from maverick_core.pipeline.invariants import (
    CandidateRow,
    RawRow,
    RawSnapshot,
    VerdictRow,
    VerifiedRow,
)
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind

_COLUMNS = ("workspace_id", "origin_kind", "origin_id", *NewRaw._fields, "added_at")


class RawPart(Part):
    """Satisfies ``RawContacts`` and ``RawBooks``."""

    def add_raw(
        self, workspace_id: int, origin: Origin, rows: Sequence[NewRaw], *, at: datetime
    ) -> None:
        """Append the rows; see ``RawContacts.add_raw``."""
        with self._database.write() as connection:
            append_raw(connection, self._dialect, workspace_id, origin, rows, at=at)
            if origin.kind is OriginKind.CSV_IMPORT:
                workspace_of(connection, origin.id)
                count_rows(connection, origin.id, rows=len(rows), added=len(rows))

    def raw_snapshot(self) -> RawSnapshot:
        """Return all of it as it stands at one moment; holds it all in memory."""
        verdict, candidate = filter_verdicts.c, candidates.c
        with self._database.snapshot() as connection:
            return RawSnapshot(
                raw=[RawRow(*row) for row in plain(connection, _all_raw())],
                verdicts=[
                    VerdictRow(*row)
                    for row in plain(connection, select(verdict.raw_contact_id, verdict.code))
                ],
                candidates=[
                    CandidateRow(*row)
                    for row in plain(
                        connection,
                        select(
                            candidate.id,
                            candidate.workspace_id,
                            candidate.email,
                            candidate.raw_contact_id,
                        ).order_by(candidate.id),
                    )
                ],
                marks=dict(
                    plain(connection, select(filter_marks.c.workspace_id, filter_marks.c[1]))
                ),
                verified=[
                    VerifiedRow(id_, verdict, bool(mailable))
                    for id_, verdict, mailable in plain(connection, _all_verified())
                ],
                verified_marks=dict(
                    plain(
                        connection,
                        select(
                            verification_marks.c.workspace_id, verification_marks.c.candidate_id
                        ),
                    )
                ),
                mailboxes=set(plain(connection, select(contacts.c.workspace_id, contacts.c.email))),
            )


def append_raw(
    connection: Connection,
    dialect: Dialect,
    workspace_id: int,
    origin: Origin,
    rows: Sequence[NewRaw],
    *,
    at: datetime,
) -> None:
    """Append rows in a transaction of the caller's.

    Writers of one workspace take turns until they have committed. Numbers are given out before
    that, so without turns a higher one could be seen first, and the filter would pass over the
    lower one for ever.
    """
    check_workspace(connection, workspace_id)
    raw_turn(connection, dialect, workspace_id)
    dialect.append(connection, raw_contacts, _COLUMNS, _storable(workspace_id, origin, rows, at))


def raw_turn(connection: Connection, dialect: Dialect, workspace_id: int) -> None:
    """Keep others from appending to the workspace until the transaction ends."""
    dialect.take_turn(connection, f"raw contacts of workspace {workspace_id}")


def plain(connection: Connection, query: Select[Any]) -> Sequence[tuple[Any, ...]]:
    """Return rows as the driver reads them; SQLAlchemy's would take longer than the query."""
    result = connection.execute(query)
    found: Sequence[tuple[Any, ...]] = result.cursor.fetchall()
    result.close()
    return found


def _all_raw() -> Select[Any]:
    return select(raw_contacts.c.id, raw_contacts.c.workspace_id).order_by(raw_contacts.c.id)


def _all_verified() -> Select[Any]:
    row = candidate_verdicts.c
    return select(row.candidate_id, row.verdict, row.mailable)


def _storable(
    workspace_id: int, origin: Origin, rows: Sequence[NewRaw], at: datetime
) -> Iterator[tuple[Any, ...]]:
    head = (workspace_id, origin.kind.value, origin.id)
    for row in rows:
        if are_storable(row[1:-1]):
            yield (*head, *row, at)
        else:
            fields = (storable(each) if isinstance(each, str) else each for each in row)
            yield (*head, *fields, at)
