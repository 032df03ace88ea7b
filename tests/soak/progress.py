"""How long work waited without any of it going on."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, select

from maverick_adapters.container import Wired
from maverick_adapters.sql.tables import contact_batches, workspaces
from maverick_core.pipeline.batch import BatchState

_LIVE = (BatchState.READY, BatchState.UPLOADING)


@dataclass
class Progress:
    """The longest time in which batches waited and no outcome came, and what struck before it."""

    wired: Wired
    longest: float = 0.0
    after: str = ""
    waiting: int = 0
    """Batches that somebody could work on now."""

    def __post_init__(self) -> None:
        """Begin now."""
        self._known: object = None
        self._since = time.monotonic()
        self._struck = ""

    def look(self, struck: str = "") -> None:
        """Look whether anything went on since the last look."""
        self._struck = struck or self._struck
        batch, now = contact_batches.c, time.monotonic()
        waiting = (
            select(func.count())
            .join_from(contact_batches, workspaces, workspaces.c.id == batch.workspace_id)
            .where(batch.state.in_(_LIVE), workspaces.c.hold.is_(None))
        )
        known = select(
            func.sum(batch.accepted + batch.skipped + batch.rejected),
            func.count().filter(batch.state.not_in(_LIVE)),
        )
        with self.wired.engine.connect() as connection:
            self.waiting = connection.execute(waiting).scalar_one()
            found = tuple(connection.execute(known).one())
        if found != self._known or not self.waiting:
            self._known, self._since, self._struck = found, now, struck
        if now - self._since > self.longest:
            self.longest, self.after = now - self._since, self._struck
