"""Who changes something leaves a trace; who only looks changes nothing (checklist 10 and 22)."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

import pytest

from maverick_adapters.memory import MemoryStore
from maverick_core.access.rules import Role
from maverick_http.routes import Route
from tests.http.security.town import OWN, ROUTES, Town, name_of

CHANGING: Final = [route for route in ROUTES if route.method != "GET"]
LOOKING: Final = [route for route in ROUTES if route.method == "GET"]
NOT_AUDITED: Final = {
    "POST /api/v1/workspaces/{slug}/sources:try": "reads a public page, keeps nothing",
    "POST /api/v1/workspaces/{slug}/filtering:what-if": "judges for nobody",
    "POST /api/v1/workspaces/{slug}/verification:preview": "asks nobody, settles nobody",
    "POST /api/v1/workspaces/{slug}/refills:preview": "brings nobody",
    "POST /api/v1/workspaces/{slug}/batches:preview": "plans nothing, only says what would be",
}
"""Routes that are no GET and need no line in the audit log, each with its reason."""


def state_of(town: Town) -> dict[str, Any]:
    """Return all that is on record, but when a key was last used."""
    store = town.record
    assert isinstance(store, MemoryStore)
    state = {
        each.name: dict(value) if isinstance(value, dict) else value
        for each in fields(store._tables)
        for value in [getattr(store._tables, each.name)]
    }
    for name, table in state.items():
        if isinstance(table, dict):
            state[name] = {
                key: replace(row, last_used_at=None) if hasattr(row, "last_used_at") else (
                    replace(row, key=replace(row.key, last_used_at=None))
                    if hasattr(row, "key") and hasattr(row.key, "last_used_at")
                    else row
                )
                for key, row in table.items()
            }  # fmt: skip
    return state


def entries(town: Town) -> list[tuple[str, str, str | None, str]]:
    """Return what the audit log has got since the town was built, newest first."""
    return [
        (entry.actor, entry.result, entry.slug, entry.request_id)
        for entry in town.record.audit_entries(limit=1_000)
        if entry.actor.startswith("key:")
    ]


@pytest.mark.parametrize("route", LOOKING, ids=name_of)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(town: Town, route: Route, method: str) -> None:
    """Whether or not the key is good for it."""
    for key in (town.key(), town.key(Role.CLIENT, OWN), None):
        before = state_of(town)
        town.ask(method, town.path(route), key=key)

        assert state_of(town) == before


@pytest.mark.parametrize("route", CHANGING, ids=name_of)
def test_a_change_leaves_who_did_it_where_and_in_which_request(town: Town, route: Route) -> None:
    """Begun and done, by the key's name, so that neither can be without the other."""
    before = state_of(town)
    answer = town.send(route, X_Request_Id="request-of-a-change")
    found = entries(town)

    assert answer.status_code == route.status
    if name_of(route) in NOT_AUDITED:
        assert found == []
        return
    assert state_of(town) != before
    assert len(found) >= 1
    assert found[0][1] == "done"
    assert {actor for actor, *_ in found} == {"key:admin-all"}
    assert {request_id for *_, request_id in found} == {"request-of-a-change"}
    assert all(slug for _, _, slug, _ in found) or route.everywhere


@pytest.mark.parametrize("route", CHANGING, ids=name_of)
def test_an_attempt_leaves_a_trace_too_and_nothing_else(town: Town, route: Route) -> None:
    """A key that may not, and one whose workspace this is not."""
    for key in (town.key(Role.CLIENT, OWN), town.key(Role.VIEWER, OWN)):
        before = state_of(town)
        answer = town.send(route, key=key, X_Request_Id="request-of-a-try")
        after = state_of(town)
        changed = {name for name in after if after[name] != before[name]}

        assert answer.status_code in {403, 404}
        assert {name for name in changed if "audit" not in name} == set()
        assert changed or name_of(route) in NOT_AUDITED


def test_every_exception_is_a_route() -> None:
    assert NOT_AUDITED.keys() <= {name_of(route) for route in CHANGING}
    assert {name_of(r) for r in CHANGING if r.audited is None} <= NOT_AUDITED.keys()
