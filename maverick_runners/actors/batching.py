"""Queue ``batching``: verified contacts into batches, and what else people ask for."""

from __future__ import annotations

import dramatiq
import structlog

from maverick_adapters.container import Wired
from maverick_adapters.system import worker_name
from maverick_core.operations.rules import ACTORS, OperationKind
from maverick_core.topology.routes import queue_of
from maverick_runners.job_record import ended_as

QUEUE = queue_of(ACTORS[OperationKind.PLAN_BATCHES])

_log = structlog.get_logger(__name__)


def declare(broker: dramatiq.Broker, wired: Wired) -> None:
    """Bind the queue's actors to its broker: one for each kind of operation."""

    def run(operation_id: int) -> None:
        code = wired.run_operation(operation_id, worker=worker_name())
        ended_as(code)
        _log.info("operation ended", operation_id=operation_id, code=code)

    for name in ACTORS.values():
        dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name=name)(run)

    # The name from before there were operations; what is on the queue carries a workspace.
    @dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name="batching.create_batches")
    def create_batches(workspace_id: int) -> None:
        """Plan the present month, where the workspace is."""
        slugs = {workspace.id: workspace.slug for workspace in wired.store.workspaces()}
        if slug := slugs.get(workspace_id):
            wired.plan_batches(slug)
