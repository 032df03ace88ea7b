"""Which work runs where."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_core.access.rules import Scope
from maverick_core.topology.checks import problems
from maverick_core.topology.queues import QUEUES
from maverick_core.topology.routes import ROUTES
from maverick_core.topology.workers import LOCAL, PRODUCTION
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.topology import RouteAnswer, TopologyAnswer


@dataclass(frozen=True, slots=True)
class TopologyResource:
    """The set-up called ``topology``."""

    topology: str

    @route("GET", "/topology", scope=Scope.OPERATIONS_READ, answers=TopologyAnswer)
    def show(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show the worker groups, the queues, the routes to them, and what is wrong with them."""
        groups = LOCAL if self.topology == "local" else PRODUCTION
        return Reply(
            TopologyAnswer(
                topology=self.topology,
                groups=list(groups),
                queues=list(QUEUES),
                routes=[RouteAnswer.model_validate(each) for each in ROUTES],
                problems=problems(groups),
            )
        )
