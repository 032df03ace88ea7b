"""Every route, for every role, in one's own workspace, somebody else's, and one that is nobody's.

Reliability, checklist 5. The rule is a few lines; what it goes over is what the application has.
"""

from __future__ import annotations

import pytest

from maverick_adapters.system import SystemRandomness
from maverick_core.access.rules import SCOPES, Role
from maverick_core.access.service import CreateKey
from maverick_http.routes import Route
from tests.http.security.town import (
    ABSENT,
    FOREIGN,
    OWN,
    REQUESTS,
    ROLES,
    ROUTES,
    Town,
    name_of,
)

GOOD_FOR_SOMEBODY_ELSE = {409, 422}
"""What a change may also end with in the other client's workspace: its token is another's."""

KEYED = [route for route in ROUTES if route.scope is not None]
OF_A_CLIENT = [route for route in KEYED if route.fields]


def expected(route: Route, role: Role, bound_to: str | None, whose: str) -> set[int]:
    """Return what a request that is good in itself may be answered with."""
    fine = {int(route.status)}
    if route.scope is None or route.loopback:  # the tests are on this machine
        return fine
    if route.scope not in SCOPES[role]:
        return {403}
    if route.everywhere and bound_to is not None:
        return {403}
    if not route.fields or whose == OWN:
        return fine
    if whose == ABSENT or bound_to is not None:
        return {404}
    return fine | GOOD_FOR_SOMEBODY_ELSE


def test_every_route_that_changes_something_has_its_request(town: Town) -> None:
    """A new route is tested by being there, or this says what is missing."""
    changing = {name_of(route) for route in ROUTES if route.method != "GET"}

    assert changing <= REQUESTS.keys() <= {name_of(route) for route in ROUTES}
    assert {field for route in ROUTES for field in route.fields} <= town.ids.keys()


@pytest.mark.parametrize("whose", [OWN, FOREIGN, ABSENT])
@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_key_opens_what_its_role_and_its_workspace_allow(
    town: Town, route: Route, whose: str
) -> None:
    """And nothing besides; a workspace out of reach is not forbidden but not there."""
    found = {}
    for role, bound_to in ROLES:
        town.rewind()
        status = town.send(route, whose, key=town.key(role, bound_to)).status_code
        if status not in expected(route, role, bound_to, whose):
            found[role, bound_to] = status

    assert found == {}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", OF_A_CLIENT, ids=name_of)
def test_what_is_somebody_elses_is_answered_as_what_is_nobodys(
    town: Town, route: Route, role: Role
) -> None:
    """Letter by letter, apart from the name that was asked for and the request's id."""
    answers = []
    for whose in (FOREIGN, ABSENT):
        answer = town.send(route, whose, key=town.key(role, OWN), X_Request_Id="request-1")
        text = answer.text
        for field in route.fields:
            text = text.replace(town.ids[field][whose], "THIS")
        headers = {k: v for k, v in answer.headers.items() if not k.startswith("ratelimit")}
        headers.pop("content-length")  # the names differ in length
        answers.append((answer.status_code, text, headers))

    foreign, absent = answers
    assert foreign == absent
    assert foreign[0] in {403, 404}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer mav_live_",
        "Bearer mav_live_" + "A" * 43,
        "Bearer 12|AbCdEfGh",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer \u00fc",
        "Bearer " + "A" * 5_000,
    ],
    ids=["none", "empty", "no key", "blank", "prefix", "made up", "Bison's", "basic", "ü", "long"],
)
@pytest.mark.parametrize("route", KEYED, ids=name_of)
def test_without_a_good_key_no_route_opens(town: Town, route: Route, header: str | None) -> None:
    """401 in the same form everywhere, and nothing of what was sent in it."""
    headers = {} if header is None else {"Authorization": header}
    answer = town.send(route, key=None, **headers)

    if route.loopback:
        return  # open to this machine, where the tests are
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "AAAA" not in answer.text
    assert "AbCdEfGh" not in answer.text


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded"])
@pytest.mark.parametrize("route", [r for r in ROUTES if r.loopback], ids=name_of)
def test_what_is_open_to_this_machine_is_shut_behind_its_proxy(
    town: Town, route: Route, header: str
) -> None:
    """A proxy on this machine carries everybody's requests."""
    via = {header: "for=203.0.113.9"}

    assert town.send(route, key=None, **via).status_code == 401
    assert town.send(route, key=town.key(Role.CLIENT, OWN), **via).status_code == 403
    assert town.send(route, key=town.key(Role.VIEWER, OWN), **via).status_code == 403
    assert town.send(route, key=town.key(Role.VIEWER), **via).status_code == 200


def test_a_key_is_worthless_at_once_when_it_is_revoked_or_over(town: Town) -> None:
    """Checklist 4: nothing remembers that it was good."""
    revoked = town.key(Role.VIEWER, OWN)
    create = CreateKey(town.record, SystemRandomness(), town.clock)
    expiring = create("short", Role.OPERATOR, slug=OWN, expires_in_days=1).secret
    path = f"/api/v1/workspaces/{OWN}"
    before = [town.ask("GET", path, key=key).status_code for key in (revoked, expiring)]

    town.record.revoke_key(f"{Role.VIEWER}-{OWN}", at=town.clock.now())
    town.clock.advance(86_400)
    answers = [town.ask("GET", path, key=key) for key in (revoked, expiring)]

    assert before == [200, 200]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert [answer.json["code"] for answer in answers] == ["key_revoked", "key_expired"]
