"""What waits, in memory."""

from __future__ import annotations

from collections import Counter

from maverick_adapters.memory.tables import Transactions
from maverick_core.pipeline.backlog import Backlog
from maverick_core.pipeline.batch import BatchState


class MemoryBacklog(Transactions):
    """Satisfies ``Backlogs``."""

    def backlog(self) -> Backlog:
        """Look at everything."""
        now = self._clock.now()
        batches = self._tables.batches.values()
        count = Counter(batch.state for batch in batches)
        leases = [
            batch.lease_until
            for batch in batches
            if batch.state is BatchState.UPLOADING and batch.lease_until is not None
        ]
        ready = (batch.updated_at for batch in batches if batch.state is BatchState.READY)
        unsent = (row.created_at for row in self._tables.outbox.values() if row.sent_at is None)
        return Backlog(
            {state: count[state] for state in BatchState},
            ready_since=min(ready, default=None),
            expired_since=min((until for until in leases if until <= now), default=None),
            unsent_since=min(unsent, default=None),
        )
