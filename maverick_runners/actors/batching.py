"""Queue ``batching``: verified contacts into batches."""

from __future__ import annotations

import dramatiq

from maverick_adapters.container import Wired


def declare(broker: dramatiq.Broker, wired: Wired) -> dramatiq.Actor[[int], None]:
    """Bind the queue's actors to its broker."""

    @dramatiq.actor(broker=broker, queue_name="batching", actor_name="batching.create_batches")
    def create_batches(workspace_id: int) -> None:
        """Plan the present month, where the workspace is."""
        slugs = {workspace.id: workspace.slug for workspace in wired.store.workspaces()}
        if slug := slugs.get(workspace_id):
            wired.plan_batches(slug)

    return create_batches
