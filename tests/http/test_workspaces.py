"""Workspaces over HTTP."""

from __future__ import annotations

from maverick_core.access.rules import Role
from tests.http.house import House

ACME = {"slug": "acme", "timezone": "America/New_York", "batch_size": 500}


def test_a_workspace_comes_back_as_it_was_added(any_house: House) -> None:
    """Added once, found at its Location, and listed."""
    added = any_house.ask("POST", "/api/v1/workspaces", ACME, Idempotency_Key="k-1")
    shown = any_house.ask("GET", added.headers["Location"])
    listed = any_house.ask("GET", "/api/v1/workspaces")

    assert added.status_code == 201
    assert added.json == {**ACME, "campaign_id": None, "hold": "token_missing"}
    assert shown.json == added.json
    assert shown.headers["ETag"] == added.headers["ETag"]
    assert listed.json == {"data": [added.json], "next_cursor": None, "has_more": False}


def test_a_change_says_what_is_to_be_different(any_house: House) -> None:
    """What is left out stays, null takes a campaign away, and the ETag moves."""
    any_house.workspace()
    path = "/api/v1/workspaces/acme"
    before = any_house.ask("GET", path)
    first = any_house.ask("PATCH", path, {"campaign_id": 7}, If_Match=before.headers["ETag"])
    second = any_house.ask("PATCH", path, {"campaign_id": None}, If_Match=first.headers["ETag"])
    stale = any_house.ask("PATCH", path, {"batch_size": 1}, If_Match=first.headers["ETag"])

    assert first.json == {**before.json, "campaign_id": 7}
    assert second.json == before.json
    assert second.headers["ETag"] == before.headers["ETag"]
    assert (stale.status_code, stale.json["code"]) == (412, "changed_meanwhile")


def test_every_change_and_every_attempt_is_on_record(any_house: House) -> None:
    """Who, what, how it ended, and under which request's id; a refused one as well."""
    any_house.workspace()
    viewer = any_house.key(Role.VIEWER, "acme")
    path = "/api/v1/workspaces/acme"
    any_house.ask("PATCH", path, {"batch_size": 9}, If_Match="*", X_Request_Id="request-1")
    any_house.ask("PATCH", path, {}, key=viewer, If_Match="*", X_Request_Id="request-2")
    any_house.ask("PATCH", path, {"timezone": "x"}, If_Match="*", X_Request_Id="request-3")
    told = any_house.ask("GET", "/api/v1/audit?workspace=acme").json["data"]

    seen = [(each["request_id"], each["actor"], each["result"]) for each in reversed(told)]
    assert seen == [
        ("request-1", "key:admin-all", "begun"),
        ("request-1", "key:admin-all", "done"),
        ("request-2", "key:viewer-acme", "begun"),
        ("request-2", "key:viewer-acme", "scope_missing"),
        ("request-3", "key:admin-all", "begun"),
        ("request-3", "key:admin-all", "bad_timezone"),
    ]
    assert {(each["action"], each["subject"]) for each in told} == {("workspaces.set", "acme")}


def test_a_list_is_read_page_by_page(any_house: House) -> None:
    """By slug, and only what the key reaches."""
    for slug in ("c", "a", "b"):
        any_house.workspace(slug)
    first = any_house.ask("GET", "/api/v1/workspaces?limit=2").json
    second = any_house.ask("GET", f"/api/v1/workspaces?cursor={first['next_cursor']}").json
    bound = any_house.ask("GET", "/api/v1/workspaces", key=any_house.key(Role.CLIENT, "b")).json

    assert [each["slug"] for each in first["data"]] == ["a", "b"]
    assert [each["slug"] for each in second["data"]] == ["c"]
    assert [each["slug"] for each in bound["data"]] == ["b"]
