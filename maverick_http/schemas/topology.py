"""The topology on the wire."""

from __future__ import annotations

from maverick_core.topology.workers import WorkerGroup
from maverick_http.schemas.base import Answer


class RouteAnswer(Answer):
    """The queue that tasks whose names match go to; the first match wins."""

    pattern: str
    queue: str


class TopologyAnswer(Answer):
    """A set-up: who consumes which queue, and how tasks find it."""

    topology: str
    groups: list[WorkerGroup]
    queues: list[str]
    routes: list[RouteAnswer]
    problems: list[str]
