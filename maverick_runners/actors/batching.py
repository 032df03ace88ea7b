"""Queue ``batching``: what people ask for there, and a name from before they could."""

from __future__ import annotations

from typing import Final

import dramatiq

from maverick_adapters.container import Wired
from maverick_runners.actors import operations

QUEUE: Final = "batching"


def declare(broker: dramatiq.Broker, wired: Wired) -> None:
    """Bind the queue's actors to its broker."""
    operations.declare(broker, wired, QUEUE)

    # The name from before there were operations; what is on the queue carries a workspace.
    @dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name="batching.create_batches")
    def create_batches(workspace_id: int) -> None:
        """Plan the present month, where the workspace is."""
        slugs = {workspace.id: workspace.slug for workspace in wired.store.workspaces()}
        if slug := slugs.get(workspace_id):
            wired.plan_batches(slug)
