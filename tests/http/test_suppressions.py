"""Suppressions over HTTP."""

from __future__ import annotations

from typing import Any, Final

from maverick_core.access.rules import Role
from tests.http.house import House

OWN: Final = "/api/v1/workspaces/acme/suppressions"
ALL: Final = "/api/v1/suppressions"
PATTERNS: Final = ["Ann@Oak.example", "*.elm.example", "oak.example"]


def post(house: House, path: str, body: object, **headers: str) -> Any:
    """Send a request that is made once."""
    headers.setdefault("Idempotency_Key", f"first{path}")
    return house.ask("POST", path, body, **headers)


def listed(house: House, path: str) -> list[str]:
    """Return the patterns of a list."""
    return [each["pattern"] for each in house.ask("GET", path).json["data"]]


def test_a_suppression_holds_at_once_and_is_listed_with_who_and_why(any_house: House) -> None:
    """What cannot be read is numbered, and keeps nobody else from being suppressed."""
    workspace = any_house.workspace()
    body = {"patterns": [PATTERNS[0], "nobody", *PATTERNS[1:]], "reason": "unsubscribed"}
    added = post(any_house, OWN, body)
    again = post(any_house, OWN, body, Idempotency_Key="second")
    [first, *_] = any_house.ask("GET", OWN).json["data"]
    held = any_house.store.suppressed(workspace.id, ["ann@oak.example", "bob@a.elm.example"])

    assert (added.status_code, added.json) == (200, {"read": 4, "added": 3, "bad": [2]})
    assert again.json["added"] == 0
    assert (first["reason"], first["by"]) == ("unsubscribed", "key:admin-all")
    assert set(listed(any_house, OWN)) == {"ann@oak.example", "*.elm.example", "oak.example"}
    assert set(held) == {"ann@oak.example", "bob@a.elm.example"}


def test_one_for_all_is_a_list_of_its_own(any_house: House) -> None:
    """It holds in every workspace, is listed apart, and taken away apart."""
    workspace = any_house.workspace()
    post(any_house, ALL, {"patterns": ["oak.example"]})
    untouched = post(any_house, f"{OWN}:remove", {"patterns": ["oak.example"]})

    assert untouched.json == {"removed": 0}
    assert (listed(any_house, ALL), listed(any_house, OWN)) == (["oak.example"], [])
    assert any_house.store.suppressed(workspace.id, ["ann@oak.example"])
    removed = post(any_house, f"{ALL}:remove", {"patterns": ["oak.example"]})
    assert removed.json == {"removed": 1}
    assert not any_house.store.suppressed(workspace.id, ["ann@oak.example"])


def test_the_list_comes_page_by_page(any_house: House) -> None:
    """The oldest first."""
    any_house.workspace()
    for name in ("a", "b", "c"):
        post(any_house, OWN, {"patterns": [f"{name}.example"]}, Idempotency_Key=name)
    first = any_house.ask("GET", f"{OWN}?limit=2")
    rest = any_house.ask("GET", first.headers["Link"].removeprefix("<").partition(">")[0])

    assert [each["pattern"] for each in first.json["data"]] == ["a.example", "b.example"]
    assert [each["pattern"] for each in rest.json["data"]] == ["c.example"]


def test_a_pattern_that_is_none_takes_nothing_away_and_is_not_repeated(house: House) -> None:
    """It may be a person, mistyped."""
    house.workspace()
    post(house, OWN, {"patterns": ["oak.example"]})
    refused = post(house, f"{OWN}:remove", {"patterns": ["oak.example", "ann oak"]})

    assert (refused.status_code, refused.json["code"]) == (422, "bad_suppression")
    assert "ann oak" not in refused.text
    assert listed(house, OWN) == ["oak.example"]


def test_nobody_who_is_suppressed_is_in_the_audit_log(any_house: House) -> None:
    """Who did it, for which workspace, and nothing of whom it names."""
    any_house.workspace()
    post(any_house, OWN, {"patterns": ["ann@oak.example"]})
    post(any_house, f"{ALL}:remove", {"patterns": ["ann@oak.example"]})
    log = any_house.ask("GET", "/api/v1/audit")
    said = {(each["action"], each["subject"]) for each in log.json["data"]}

    assert {("suppressions.add", "acme"), ("suppressions.remove", "all")} <= said
    assert "oak.example" not in log.text


def test_those_for_all_are_out_of_reach_of_a_key_for_one(house: House) -> None:
    """They are people whom other clients wrote to."""
    house.workspace()
    post(house, ALL, {"patterns": ["ann@oak.example"]})
    bound = house.key(Role.OPERATOR, "acme")

    assert house.ask("GET", OWN, key=bound).json["data"] == []
    assert house.ask("GET", ALL, key=bound).json["code"] == "key_bound"
    assert post(house, ALL, {"patterns": ["a.example"]}, key=bound).json["code"] == "key_bound"
