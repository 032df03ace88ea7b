"""What asking needs from outside: a look into the tables that the stages take their work from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from maverick_core.pipeline.onward.rules import Waiting
from maverick_core.pipeline.stages import Stage
from maverick_core.workspaces.rules import Workspace


class StageTables(Protocol):
    """What waits in front of each stage. Asked every few seconds, so it never reads it all."""

    def waiting(
        self, stage: Stage, workspaces: Sequence[Workspace], *, at: datetime, move_marks: bool
    ) -> Sequence[Waiting]:
        """Return what waits of these workspaces, at most once each; of sources each one.

        With ``move_marks`` it may put on record how far all is settled, so that the next look is
        short, and takes the turn of whoever settles for that; without it nothing is written.

        ``scraping``: sources that never ran or whose run is open, unless a worker has it;
        ``import``: the oldest import that a worker has or waits for; ``filtering`` and
        ``verification``: that some contact is without a verdict; ``batching``: how many contacts
        are free by the sums, with the room of the month that it is at that moment where the
        workspace is; ``upload``: the oldest batch that is ready or under way.
        """
        ...
