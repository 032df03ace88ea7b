"""Who is bound to one workspace cannot tell whether there is another (reliability, checklist 6).

Two towns that differ in the other client alone are asked the same; whatever is asked, they answer
the same, to the letter. So nothing of its rows shows, not even in a count or a cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlencode

import pytest
from falcon import testing
from hypothesis import given, settings
from hypothesis import strategies as st

from maverick_adapters.memory import ManualClock
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.vault import Vault
from maverick_core.access.rules import Role
from maverick_http.routes import Route
from maverick_http.schemas.base import Query
from tests.http.security.town import ABSENT, FOREIGN, MARK, OWN, ROUTES, Town, name_of

READS: Final = [
    route
    for route in ROUTES
    if route.method == "GET" and route.scope is not None and not route.loopback
]
EMAIL: Final = f"ann{MARK}@agency.example"
PROBES: Final = (
    OWN, FOREIGN, ABSENT, MARK, EMAIL, "ann@agency.example", "agency.example", "zzforeign", "",
    "B-000001", "B-000003", "B-000004", "B-000005", "B-000006", "1", "2", "3", "4", "0", "-1",
    "200", "2026-11", "ready", "failed",
    "uploaded", "rejected", "%", "_", "*", "' OR 1=1 --", "bison_down", "id", "-id", "created_at",
)  # fmt: skip
"""Guesses, most of them good ones: an attacker may have heard a lot."""


@pytest.fixture(scope="module")
def two_towns(built_town: Town) -> tuple[Town, Town]:
    """Give the town, and one where the other client never was."""
    return built_town, Town(alone=True)


@st.composite
def questions(draw: st.DrawFn, route: Route, cursors: tuple[str, ...]) -> str:
    """Draw an address of the route: its fields and its query, right, wrong and somebody else's."""
    probe = st.sampled_from(PROBES) | st.text(max_size=8)
    path = route.path
    for field in route.fields:
        asked = draw(st.just(OWN) if field == "slug" else probe)
        path = path.replace(f"{{{field}}}", urlencode({"": asked or "0"})[1:])
    names = list(route.takes.model_fields) if issubclass(route.takes, Query) else []
    chosen = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    query = {
        name: draw(st.sampled_from(cursors) if name == "cursor" and cursors else probe)
        for name in chosen
    }
    return f"{path}?{urlencode(query)}" if query else path


def cursors_of(town: Town, route: Route) -> tuple[str, ...]:
    """Return cursors of the list as an administrator of everything is given them, page by page."""
    found: list[str] = []
    if not (issubclass(route.takes, Query) and "cursor" in route.takes.model_fields):
        return ()
    for whose in (OWN, FOREIGN):
        more = ""
        for _ in range(4):
            answer = town.ask("GET", f"{town.path(route, whose)}?limit=1{more}")
            cursor = answer.json.get("next_cursor") if answer.status_code == 200 else None
            if not cursor:
                break
            found.append(cursor)
            more = f"&cursor={cursor}"
    return tuple(found)


def told(answer: testing.Result) -> tuple[int, str, list[tuple[str, str]]]:
    """Return all that an answer tells, but how often the key has asked."""
    headers = sorted((k, v) for k, v in answer.headers.items() if not k.startswith("ratelimit"))
    return answer.status_code, answer.text, headers


@pytest.fixture(scope="module")
def two_towns_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    """Give the same two, kept in databases."""
    with ExitStack() as stack:
        towns = []
        for alone in (False, True):
            folder = tmp_path_factory.mktemp("town")
            engine = open_engine(f"sqlite:///{folder}/town.db")
            stack.callback(engine.dispose)
            upgrade(engine)
            store = SqlStore(engine, ManualClock(), Vault.from_secret(Vault.new_key()))
            towns.append(Town(store, alone=alone))
        yield towns[0], towns[1]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CLIENT])
@pytest.mark.parametrize("route", READS, ids=name_of)
@given(data=st.data())
def test_the_other_client_makes_no_difference(
    two_towns: tuple[Town, Town], route: Route, role: Role, data: st.DataObject
) -> None:
    """Same question, same answer, whether or not it exists."""
    ask_both(two_towns, route, role, data)


@pytest.mark.parametrize("route", READS, ids=name_of)
@settings(max_examples=20)
@given(data=st.data())
def test_the_other_client_makes_no_difference_in_a_database(
    two_towns_on_sqlite: tuple[Town, Town], route: Route, data: st.DataObject
) -> None:
    """What keeps clients apart there are the conditions of queries."""
    ask_both(two_towns_on_sqlite, route, Role.CLIENT, data)


def ask_both(towns: tuple[Town, Town], route: Route, role: Role, data: st.DataObject) -> None:
    crowded, alone = towns
    question = data.draw(questions(route, cursors_of(crowded, route)))
    answers = [
        town.ask("GET", question, key=town.key(role, OWN), X_Request_Id="request-0001")
        for town in (crowded, alone)
    ]

    assert told(answers[0]) == told(answers[1])
    assert answers[0].status_code < 500


def test_who_sees_everything_does_see_the_difference(two_towns: tuple[Town, Town]) -> None:
    """The property can fail: the marks are there to be seen."""
    crowded, alone = two_towns
    shown = {
        name_of(route)
        for route in READS
        if MARK in crowded.send(route, FOREIGN).text or MARK in crowded.send(route, OWN).text
    }

    assert len(shown) >= 3
    assert not any(MARK in alone.send(route, FOREIGN).text for route in READS)
