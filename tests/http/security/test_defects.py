"""A defect tells its request id and nothing else, wherever it is (reliability, checklist 30)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Any, Final, cast

import pytest
import structlog

from maverick_adapters.logs import configure_logs
from maverick_http.routes import Route
from tests.http.security.town import ROUTES, Town, name_of

CANARIES: Final = ("canary@clinic.example", "34|cAnArYtOkEn", "redis://:cAnArYpw@cache.example/0")
AT_THE_DOOR: Final = {
    "key_of", "key_used", "audit", "begin_request", "end_request", "audit_entries",
}  # fmt: skip
WITHOUT_A_STORE: Final = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/openapi.json", "GET /api/docs",
    "GET /api/v1/topology",
}  # fmt: skip


class Broken:
    """A record of which the door works, and everything behind it raises."""

    def __init__(self, record: Any, works: set[str]) -> None:
        self._record = record
        self._works = works
        self.armed = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not self.armed or name in self._works:
            return cast("Callable[..., Any]", getattr(self._record, name))

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError(" and ".join(CANARIES))

        return fail


def broken_town(works: set[str]) -> tuple[Town, Broken]:
    """Return a town whose record breaks when it is armed."""
    town = Town(seen_as=lambda record: Broken(record, works))
    return town, cast("Broken", town.store)


@pytest.fixture(scope="module")
def broken_inside() -> tuple[Town, Broken]:
    return broken_town(AT_THE_DOOR - {"audit_entries"})


@pytest.fixture(scope="module")
def broken_at_the_door() -> tuple[Town, Broken]:
    return broken_town(set())


def ask_armed(place: tuple[Town, Broken], route: Route) -> tuple[Any, str]:
    """Send the request that would go through; return the answer and what was logged."""
    town, broken = place
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    buffer = io.StringIO()
    broken.armed = True
    try:
        with redirect_stderr(buffer):
            configure_logs(level="DEBUG", form="json")
            # Or every logger that speaks here would stay bound to this log for good.
            structlog.configure(cache_logger_on_first_use=False)
            answer = town.send(
                route, X_Request_Id="request-of-the-canary", Idempotency_Key=name_of(route)
                .replace(" ", ""),
            )  # fmt: skip
    finally:
        broken.armed = False
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    return answer, buffer.getvalue()


def assert_tells_nothing(answer: Any, log: str) -> None:
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json
    assert told.keys() == {"type", "title", "status", "detail", "instance", "code", "remedy"}
    assert (told["code"], told["instance"]) == ("internal_error", "request-of-the-canary")
    shown = answer.text + str(answer.headers)
    for secret in ("canary@", "RuntimeError", "Traceback", "cAnArY", ".py"):
        assert secret not in shown
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(
        line.get("request_id") == "request-of-the-canary" and "RuntimeError" in line["exception"]
        for line in lines
        if "exception" in line
    )
    assert "cAnArY" not in log
    assert "canary@" not in log


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if name_of(r) not in WITHOUT_A_STORE], ids=name_of
)
def test_a_route_that_breaks_tells_nothing_but_where_to_ask(
    broken_inside: tuple[Town, Broken], route: Route
) -> None:
    """The log knows the rest, and neither of them knows the canaries."""
    assert_tells_nothing(*ask_armed(broken_inside, route))


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.scope is not None and not r.loopback], ids=name_of
)
def test_a_door_that_breaks_lets_nobody_in(
    broken_at_the_door: tuple[Town, Broken], route: Route
) -> None:
    """A record that cannot be asked for the key is no key."""
    assert_tells_nothing(*ask_armed(broken_at_the_door, route))
