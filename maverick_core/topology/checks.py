"""What would leave work lying: a queue nobody consumes, a route to nowhere (Q6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from maverick_core.kernel.errors import Conflict
from maverick_core.topology.queues import DEFAULT_QUEUE, QUEUES
from maverick_core.topology.routes import ALL_ROUTES, Route
from maverick_core.topology.workers import WorkerGroup


def problems(
    groups: Sequence[WorkerGroup],
    *,
    queues: Iterable[str] = QUEUES,
    routes: Iterable[Route] = ALL_ROUTES,
) -> list[str]:
    """Return what is wrong with a set-up, a sentence each; an empty list is a good one."""
    known = set(queues)
    consumed = {queue for group in groups for queue in group.queues}
    routed = {route.queue for route in routes} | {DEFAULT_QUEUE}
    names = Counter(group.name for group in groups)
    return [
        *(f"Queue {queue!r} has no consumer." for queue in sorted((known | routed) - consumed)),
        *(f"Tasks are routed to {queue!r}, which is no queue." for queue in sorted(routed - known)),
        *(f"A group consumes {queue!r}, which is no queue." for queue in sorted(consumed - known)),
        *(f"Two groups are called {name!r}." for name, count in names.items() if count > 1),
        *(f"Group {g.name!r} does nothing at a time." for g in groups if g.concurrency < 1),
        *(f"Group {g.name!r} has no queue." for g in groups if not g.queues),
    ]


def check(groups: Sequence[WorkerGroup]) -> None:
    """Refuse a set-up that would leave work lying.

    Raises:
        Conflict: ``topology_broken``; names every problem.

    """
    if found := problems(groups):
        raise Conflict(
            " ".join(found),
            code="topology_broken",
            remedy="Give every queue a worker group in maverick_core/topology/workers.py.",
        )
