"""Workspaces over HTTP."""

from __future__ import annotations

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
