"""The master list on record: told page by page, shown, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, delete, func, or_, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.master_pages import (
    SqlOutcomePage,
    SqlSightingPage,
    as_contact,
    master_rows,
)
from maverick_adapters.sql.store.part import Part, ids
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    contact_batches,
    mailbox_findings,
    master_batches,
    master_contacts,
    master_marks,
)
from maverick_core.pipeline.master_fill.ports import MasterStats, MasterView
from maverick_core.pipeline.master_fill.rules import SeenAs, not_in_list
from maverick_core.pipeline.verification.verdicts import Verdict

_master = master_contacts.c


class MasterPart(Part):
    """Satisfies ``MasterList`` and ``MasterViews``."""

    @contextmanager
    def sighting_page(
        self, workspace_id: int, seen_as: SeenAs, *, limit: int
    ) -> Iterator[SqlSightingPage]:
        """Hold what was not told; see ``MasterList.sighting_page``.

        Ids are given out before rows are seen, but whoever adds to a workspace waits for its turn
        before it is given any: whoever has read up to one has missed none below it.
        """
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            _take_turn(connection, self._dialect)
            yield SqlSightingPage(connection, self._dialect, workspace_id, seen_as, limit)

    def moved_batches(self) -> Sequence[int]:
        """Compare each batch's sums with what was told; see ``MasterList.moved_batches``."""
        batch, told = contact_batches.c, master_batches.c
        settled = batch.accepted + batch.skipped + batch.rejected
        moved = or_(
            settled != func.coalesce(told.settled, 0),
            batch.not_attachable != func.coalesce(told.not_attachable, 0),
        )
        query = (
            select(batch.id)
            .outerjoin(master_batches, told.batch_id == batch.id)
            .where(moved)
            .order_by(batch.id)
        )
        with self._database.read() as connection:
            return ids(connection, query)

    @contextmanager
    def outcome_page(self, batch_id: int) -> Iterator[SqlOutcomePage]:
        """Hold a batch's outcomes; see ``MasterList.outcome_page``."""
        with self._database.write() as connection:
            _take_turn(connection, self._dialect)
            yield SqlOutcomePage(connection, self._dialect, batch_id)

    def forget_master(self) -> None:
        """Empty the list and its marks; see ``MasterList.forget_master``."""
        with self._database.write() as connection:
            _take_turn(connection, self._dialect)
            for table in (master_contacts, master_marks, master_batches):
                connection.execute(delete(table))

    def master_contact(self, email: str) -> MasterView:
        """Return what is said of a mailbox; see ``MasterViews.master_contact``."""
        finding = mailbox_findings.c
        believed = select(finding.verdict).where(finding.email == email)
        with self._database.snapshot() as connection:
            row = connection.execute(master_rows().where(_master.email == email)).one_or_none()
            verdict = connection.execute(believed).scalar_one_or_none()
        if row is None:
            raise not_in_list()
        return MasterView(as_contact(row), verdict and Verdict(verdict))

    def master_stats(self) -> MasterStats:
        """Count the list; see ``MasterViews.master_stats``."""
        query = select(
            _master.outcome,
            func.count(),
            func.count().filter(_master.workspaces > 1),
            func.count(_master.uploaded_at),
        ).group_by(_master.outcome)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return MasterStats(
            mailboxes=sum(row[1] for row in rows),
            shared=sum(row[2] for row in rows),
            uploaded=sum(row[3] for row in rows),
            outcomes={row[0]: row[1] for row in rows if row[0] is not None},
        )


def _take_turn(connection: Connection, dialect: Dialect) -> None:
    dialect.take_turn(connection, "master list")
