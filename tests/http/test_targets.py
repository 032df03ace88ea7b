"""Targets over HTTP."""

from __future__ import annotations

from tests.http.house import House

NOVEMBER = "/api/v1/workspaces/acme/targets/2026-11"


def test_a_target_is_set_with_a_reason_and_every_change_is_told(any_house: House) -> None:
    """Who, when and why; the account and the forecast stand beside it."""
    any_house.workspace()
    before = any_house.ask("GET", NOVEMBER)
    wanted = {"contacts": 500, "reason": "agreed"}
    after = any_house.ask("PUT", NOVEMBER, wanted, If_Match=before.headers["ETag"])
    shown = any_house.ask("GET", NOVEMBER)

    assert before.json["account"]["target"] is None
    assert before.json["forecast"]["outlook"] == "no_target"
    assert after.status_code == 200
    assert shown.json == after.json
    assert shown.headers["ETag"] == after.headers["ETag"] != before.headers["ETag"]
    assert after.json["account"]["target"] == after.json["account"]["room"] == 500
    [change] = after.json["history"]
    assert (change["before"], change["contacts"]) == (None, 500)
    assert (change["by"], change["reason"]) == ("key:admin-all", "agreed")


def test_a_change_that_is_based_on_an_older_one_is_refused(any_house: House) -> None:
    """412 for the second of two, 428 for one that does not say what it is based on."""
    any_house.workspace()
    etag = any_house.ask("GET", NOVEMBER).headers["ETag"]
    first = any_house.ask("PUT", NOVEMBER, {"contacts": 1, "reason": "a"}, If_Match=etag)
    second = any_house.ask("PUT", NOVEMBER, {"contacts": 2, "reason": "b"}, If_Match=etag)
    blind = any_house.ask("PUT", NOVEMBER, {"contacts": 3, "reason": "c"})
    forced = any_house.ask("PUT", NOVEMBER, {"contacts": 4, "reason": "d"}, If_Match="*")

    assert [each.status_code for each in (first, second, blind, forced)] == [200, 412, 428, 200]
    assert second.json["code"] == "changed_meanwhile"
    assert blind.json["code"] == "if_match_missing"
    assert [each["contacts"] for each in forced.json["history"]] == [1, 4]


def test_the_months_are_listed_page_by_page(any_house: House) -> None:
    """The last first; ``Link`` leads on and keeps what was asked."""
    any_house.workspace()
    for month in ("2026-10", "2026-12", "2026-11"):
        path = f"/api/v1/workspaces/acme/targets/{month}"
        any_house.ask("PUT", path, {"contacts": 1, "reason": "a"}, If_Match="*")
    first = any_house.ask("GET", "/api/v1/workspaces/acme/targets?limit=2")
    link = first.headers["Link"]
    second = any_house.ask("GET", link.removeprefix("<").partition(">")[0])

    assert [each["month"] for each in first.json["data"]] == ["2026-12", "2026-11"]
    assert link.endswith('>; rel="next"')
    assert [each["month"] for each in second.json["data"]] == ["2026-10"]
    assert second.json["next_cursor"] is None
    assert "Link" not in second.headers
