"""Whether the process lives, and whether it is of use now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from maverick_core.kernel.errors import MaverickError
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.health import CheckAnswer, HealthAnswer, ReadinessAnswer


@dataclass(frozen=True, slots=True)
class HealthResource:
    """Probes. They ask for no key and tell nothing but codes."""

    checks: Mapping[str, Callable[[], None]]

    @route("GET", "/healthz", scope=None, base="", answers=HealthAnswer)
    def alive(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Say that the process answers."""
        return Reply(HealthAnswer(status="ok"))

    @route("GET", "/readyz", scope=None, base="", answers=ReadinessAnswer)
    def ready(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Say whether requests can be answered, and if not, for which check's sake."""
        found = [CheckAnswer(name=name, code=_code(check)) for name, check in self.checks.items()]
        ready = all(check.code == "ok" for check in found)
        return Reply(ReadinessAnswer(ready=ready, checks=found), unwell=not ready)


def _code(check: Callable[[], None]) -> str:
    """Return the code of what is wrong; words could name hosts, and anybody may ask."""
    try:
        check()
    except MaverickError as error:
        return error.code
    return "ok"
