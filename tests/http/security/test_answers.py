"""What every answer carries, whatever it answers (reliability, checklist 12), and what clients see.

Checklist 7: which fields a client's key is shown is written down here; a field more is a decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from contracts.store.site import NOVEMBER
from maverick_core.access.rules import SCOPES, Role
from maverick_core.kernel.ids import parse_batch_name
from maverick_core.pipeline.upload.desk import Decision
from maverick_http.routes import THE_AGENCY, Route
from tests.http.security.town import OWN, ROUTES, Town, name_of

SECURITY: Final = {
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "strict-transport-security", "cache-control", "x-request-id",
}  # fmt: skip
NO_ROUTE: Final = [
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/", 404),
    ("GET", "/.env", 404),
    ("GET", "/api/v1/workspaces/../../etc/passwd", 404),
    ("DELETE", "/api/v1/workspaces", 405),
    ("TRACE", "/api/v1/workspaces", 405),
    ("GET", "/api/v1/workspaces/a%00b", 400),
]

CLIENT_SEES: Final[dict[str, str]] = {
    "GET /api/v1/batches": """
        data data.accepted data.attempts data.cancel_requested data.contacts
        data.created_at data.failure data.failure.code data.failure.detail data.hold
        data.id data.lease_until data.month data.not_attachable data.position
        data.rejected data.settled data.skipped data.state data.stuck data.updated_at
        data.workspace has_more next_cursor totals totals.batches totals.contacts
    """,
    "GET /api/v1/batches/{batch}": """
        accepted attempts cancel_requested contacts created_at decisions
        decisions.action decisions.at decisions.by decisions.reason failure failure.code
        failure.detail history history.code history.detail history.ended_at
        history.fence history.result history.started_at history.worker hold id
        lease_until month not_attachable position rejected settled skipped state stuck
        updated_at workspace
    """,
    "GET /api/v1/batches/{batch}/contacts": """
        data data.contact_id data.email data.lead_id data.position data.reason
        data.state has_more next_cursor
    """,
    "GET /api/v1/batches/{batch}/rejects": """
        data data.contact_id data.email data.lead_id data.position data.reason
        data.state has_more next_cursor reasons reasons.contacts reasons.reason
        reasons.state
    """,
    "GET /api/v1/batches/{batch}/rejects.csv": "",
    "GET /api/v1/workspaces": """
        data data.batch_size data.campaign_id data.hold data.slug data.timezone has_more
        next_cursor
    """,
    "GET /api/v1/workspaces/{slug}": """
        batch_size campaign_id hold slug timezone
    """,
    "GET /api/v1/workspaces/{slug}/contacts": """
        data data.batch data.company data.email data.first_name data.id data.import_id
        data.last_name data.reason data.state data.verified_at has_more next_cursor
    """,
    "GET /api/v1/workspaces/{slug}/contacts:trace": """
        batch contact_id email state steps steps.at steps.detail steps.what
    """,
    "GET /api/v1/workspaces/{slug}/mailboxes:trace": """
        batch contact_id email state steps steps.at steps.detail steps.what
    """,
    "GET /api/v1/workspaces/{slug}/targets": """
        data data.account data.account.in_doubt data.account.not_attachable
        data.account.rejected data.account.remaining data.account.reserved
        data.account.room data.account.skipped data.account.target data.account.uploaded
        data.month has_more next_cursor
    """,
    "GET /api/v1/workspaces/{slug}/targets/{month}": """
        account account.in_doubt account.not_attachable account.rejected
        account.remaining account.reserved account.room account.skipped account.target
        account.uploaded forecast forecast.even_pace forecast.expected forecast.high
        forecast.likelihood forecast.low forecast.outlook forecast.short_of history
        history.at history.before history.by history.contacts history.reason month
        supply workspace
    """,
}


def assert_guarded(answer: Any) -> None:
    """Look for what browsers and caches are told."""
    headers = answer.headers
    assert headers.keys() >= SECURITY
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "no-store" in headers["cache-control"]
    assert "set-cookie" not in headers
    assert "server" not in headers
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_route_is_guarded_when_it_answers_and_when_it_refuses(
    town: Town, route: Route
) -> None:
    """The page that is shown, and the errors 401, 403 and 413."""
    refused = town.send(route, key=town.key(Role.CLIENT, OWN))
    large = town.send(route, Content_Length="999999999")

    assert_guarded(town.send(route))
    assert_guarded(town.send(route, key=None))
    assert_guarded(refused)
    assert_guarded(large)
    assert large.status_code == 413


@pytest.mark.parametrize(("method", "path", "status"), NO_ROUTE)
def test_where_there_is_no_route_the_answer_is_guarded_too(
    town: Town, method: str, path: str, status: int
) -> None:
    answer = town.ask(method, path)

    assert answer.status_code == status
    assert_guarded(answer)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_what_is_no_page_is_never_taken_for_one(town: Town, route: Route) -> None:
    """JSON, text and files are what they say they are; a browser is not to guess."""
    answer = town.send(route)

    assert answer.headers["content-type"].partition(";")[0] == route.media.partition(";")[0]


def paths_of(schema: Any, definitions: Any, at: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the paths of all fields that an answer of this schema can have."""
    if not isinstance(schema, dict) or depth > 12:
        return
    if reference := schema.get("$ref"):
        yield from paths_of(definitions[reference.rpartition("/")[2]], definitions, at, depth + 1)
    for name, part in schema.get("properties", {}).items():
        yield f"{at}{name}"
        yield from paths_of(part, definitions, f"{at}{name}.", depth + 1)
    for part in (schema.get("items"), schema.get("additionalProperties")):
        yield from paths_of(part, definitions, at, depth + 1)
    for kind in ("anyOf", "allOf", "oneOf"):
        for part in schema.get(kind, ()):
            yield from paths_of(part, definitions, at, depth + 1)


def fields_of(route: Route) -> set[str]:
    """Return the fields of a route's answer, nested ones with dots."""
    if route.answers is None:
        return set()
    schema = TypeAdapter(route.answers).json_schema(mode="serialization")
    return set(paths_of(schema, schema.get("$defs", {})))


def open_to_clients() -> list[Route]:
    """Return the routes that a client's key opens."""
    return [
        route
        for route in ROUTES
        if route.scope in SCOPES[Role.CLIENT] and not route.everywhere and not route.loopback
    ]


def test_a_client_sees_the_fields_that_are_written_down_and_no_other() -> None:
    """Where a field is added for operators, somebody decides here whether clients see it."""
    seen = {name_of(route): fields_of(route) for route in open_to_clients()}

    assert seen == {name: set(fields.split()) for name, fields in CLIENT_SEES.items()}


def test_a_client_sees_that_the_agency_decided_and_not_who_of_it(town: Town) -> None:
    """Names of people and of their keys are the agency's own; what was decided, and why, is not."""
    acme = town.record.workspace(OWN)
    now = town.clock.now()
    town.record.set_target(acme.id, NOVEMBER, 60, at=now, by="key:nora", reason="agreed")
    failed = parse_batch_name(town.ids["batch"][OWN])
    town.record.requeue(failed, Decision("key:nora", now, "mended"))
    shown = {
        role: "".join(
            town.send(route, key=town.key(role, OWN)).text
            for route in open_to_clients()
            if route.method == "GET"
        )
        for role in (Role.OPERATOR, Role.CLIENT)
    }

    assert shown[Role.OPERATOR].count("key:nora") == 2
    assert "nora" not in shown[Role.CLIENT]
    assert shown[Role.CLIENT].count(f'"by":"{THE_AGENCY}"') == shown[Role.OPERATOR].count('"by":')
    assert "mended" in shown[Role.CLIENT]
