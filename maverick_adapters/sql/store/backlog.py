"""What waits: three small questions, each answered by an index."""

from __future__ import annotations

from sqlalchemy import func, select

from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import contact_batches, outbox
from maverick_core.pipeline.backlog import Backlog
from maverick_core.pipeline.batch import BatchState

_batch = contact_batches.c


class BacklogPart(Part):
    """Satisfies ``Backlogs``."""

    def backlog(self) -> Backlog:
        """Look at what waits; see ``Backlogs.backlog``."""
        expired = _batch.lease_until <= self._dialect.now(self._clock)
        with self._database.read() as connection:
            counted = connection.execute(select(_batch.state, func.count()).group_by(_batch.state))
            found = {BatchState(state): count for state, count in counted}
            ready_since, expired_since = connection.execute(
                select(
                    func.min(_batch.updated_at).filter(_batch.state == BatchState.READY),
                    func.min(_batch.lease_until).filter(
                        _batch.state == BatchState.UPLOADING, expired
                    ),
                ).where(_batch.state.in_([BatchState.READY, BatchState.UPLOADING]))
            ).one()
            unsent_since = connection.execute(
                select(func.min(outbox.c.created_at)).where(outbox.c.sent_at.is_(None))
            ).scalar_one()
        return Backlog(
            {state: found.get(state, 0) for state in BatchState},
            ready_since=ready_since,
            expired_since=expired_since,
            unsent_since=unsent_since,
        )
