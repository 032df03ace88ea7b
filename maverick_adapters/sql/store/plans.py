"""A month held while batches are made in it: ids out, memberships in by the bulk road."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from itertools import count, repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, insert, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.announcing import announce
from maverick_adapters.sql.store.operations import hold, succeed
from maverick_adapters.sql.store.part import Part, ids
from maverick_adapters.sql.store.raw import plain
from maverick_adapters.sql.store.suppressions import has_suppressions, suppressed_among
from maverick_adapters.sql.store.targets import read_account
from maverick_adapters.sql.tables import (
    batch_chunks,
    batch_members,
    contact_batches,
    contacts,
    monthly_targets,
)
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.time import Month
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.batch import BatchState
from maverick_core.targets.rules import TargetAccount

_Numbers = tuple[int, int, int]


class PlansPart(Part):
    """Hands out reservations."""

    @contextmanager
    def reserve(
        self, workspace_id: int, month: Month, *, operation: OperationClaim | None = None
    ) -> Iterator[SqlReservation]:
        """Lock the targets of all the workspace's months; see ``BatchPlans.reserve``.

        Its months draw on the same contacts. The workspace's own row stays free for claims.
        """
        with self._database.write() as connection:
            if operation is not None:
                hold(connection, operation)
            target = monthly_targets
            months = connection.execute(
                select(target.c.month)
                .where(target.c.workspace_id == workspace_id)
                .order_by(target.c.month)
                .with_for_update()
            ).scalars()
            if str(month) not in months.all():
                raise Missing(
                    f"No target is set for {month}.",
                    code="target_missing",
                    remedy='Set one with "maverick targets set".',
                )
            account = read_account(connection, workspace_id, month)
            yield SqlReservation(
                connection,
                self._dialect,
                workspace_id,
                month,
                account,
                at=self._now(),
                chunk_size=self._chunk_size,
            )


class SqlReservation:
    """One month of one workspace, in an open transaction."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        workspace_id: int,
        month: Month,
        account: TargetAccount,
        *,
        at: datetime,
        chunk_size: int,
    ) -> None:
        """Stand on the transaction that holds the lock."""
        self._connection = connection
        self._dialect = dialect
        self._workspace_id = workspace_id
        self._month = month
        self._at = at
        self._chunk_size = chunk_size
        self._account = account

    @property
    def account(self) -> TargetAccount:
        """The account as it stood when the lock was had."""
        return self._account

    def eligible(self, *, after: int, limit: int) -> Sequence[int]:
        """Return ids of free contacts; see ``Reservation.eligible``.

        Where nobody is suppressed, ids are all that is read.
        """
        if not self._has_suppressions:
            return ids(self._connection, self._free(contacts.c.id, after=after, limit=limit))
        columns = (contacts.c.id, contacts.c.email)
        while page := plain(self._connection, self._free(*columns, after=after, limit=limit)):
            emails = [email for _, email in page]
            out = suppressed_among(self._connection, self._dialect, self._workspace_id, emails)
            if found := [id_ for id_, email in page if email not in out]:
                return found
            after = page[-1][0]
        return ()

    @cached_property
    def _has_suppressions(self) -> bool:
        return has_suppressions(self._connection, self._workspace_id)

    def _free(self, *columns: ColumnElement[Any], after: int, limit: int) -> Select[Any]:
        """Return the query of the next free contacts.

        A contact with an outcome keeps its membership for ever, so membership alone decides. Both
        sides start at the workspace's next contact: not at what the pages before have read, and not
        at what other workspaces have planned.
        """
        contact, member = contacts.c, batch_members.c
        own = and_(contact.workspace_id == self._workspace_id, contact.id > after)
        first = select(func.min(contact.id)).where(own).scalar_subquery()
        taken = exists().where(
            member.contact_id == contact.id, ~member.released, member.contact_id >= first
        )
        return select(*columns).where(own, ~taken).order_by(contact.id).limit(limit)

    def add_batches(self, batches: Sequence[Sequence[int]], *, campaign_id: int | None) -> range:
        """Put the batches on record; see ``Reservation.add_batches``."""
        ids = self._dialect.next_batch_ids(self._connection, len(batches))
        if not batches:
            return ids
        rows = [
            self._batch_row(number, members, campaign_id)
            for number, members in zip(ids, batches, strict=True)
        ]
        self._connection.execute(insert(contact_batches), rows)
        self._append(
            batch_chunks,
            ("batch_id", "number", "contacts"),
            _chunk_rows(ids, batches, self._chunk_size),
        )
        self._append(
            batch_members, ("batch_id", "position", "contact_id"), _member_rows(ids, batches)
        )
        new = contact_batches.c.id.between(ids.start, ids.stop - 1)
        announce(self._connection, self._dialect, new, at=self._at)
        return ids

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End the operation with the plan; see ``Reservation.succeed_operation``."""
        succeed(self._connection, claim, result, done=done, at=self._at)

    def _batch_row(
        self, batch_id: int, members: Sequence[int], campaign_id: int | None
    ) -> dict[str, object]:
        return {
            "id": batch_id,
            "workspace_id": self._workspace_id,
            "month": str(self._month),
            "campaign_id": campaign_id,
            "state": BatchState.READY,
            "contacts": len(members),
            "chunk_size": self._chunk_size,
            "created_at": self._at,
            "updated_at": self._at,
        }

    def _append(self, table: Table, names: Sequence[str], rows: Iterator[_Numbers]) -> None:
        self._dialect.append(self._connection, table, names, rows)


def _chunk_rows(ids: range, batches: Sequence[Sequence[int]], size: int) -> Iterator[_Numbers]:
    for batch_id, members in zip(ids, batches, strict=True):
        for number, start in enumerate(range(0, len(members), size)):
            yield batch_id, number, min(size, len(members) - start)


def _member_rows(ids: range, batches: Sequence[Sequence[int]]) -> Iterator[_Numbers]:
    for batch_id, members in zip(ids, batches, strict=True):
        yield from zip(repeat(batch_id), count(), members)
