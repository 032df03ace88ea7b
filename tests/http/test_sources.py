"""Sources over HTTP."""

from __future__ import annotations

from typing import Any, Final

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.sources import WebPages
from maverick_adapters.sources.guard import Guard
from maverick_core.access.rules import Role
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run, Validators
from tests.http.house import House

SOURCES: Final = "/api/v1/workspaces/acme/sources"
DIRECTORY: Final = f"{SOURCES}/directory"
SITE: Final = "https://directory.example/agents"
DESCRIBED: Final = {"start": [SITE], "item": "li", "fields": {"full_name": "b"}}


def keep(house: House, name: str = "directory", based_on: str = "*", **change: Any) -> Any:
    """Keep the directory as a source."""
    return house.ask("PUT", f"{SOURCES}/{name}", {**DESCRIBED, **change}, If_Match=based_on)


def run(house: House, **headers: str) -> Any:
    """Ask for a run of the directory."""
    return house.ask("POST", f"{DIRECTORY}/runs", {}, Idempotency_Key="first", **headers)


def take_page(house: House, run_id: int, code: str, *names: str) -> None:
    """Take the page that is due as a worker would."""
    claim = house.store.claim_run(run_id, worker="worker-1", lease_seconds=60)
    assert isinstance(claim, Run)
    page = house.store.next_page(claim)
    assert isinstance(page, PageDue)
    rows = [NewRaw(n, email=f"{name}@agency.example") for n, name in enumerate(names, 1)]
    result = PageResult(code, "404", rows, (), Validators(), house.clock.now())
    house.store.page_done(claim, page, result, lease_seconds=0)


def test_a_source_is_kept_shown_and_replaced_as_it_was_read(any_house: House) -> None:
    """The same description as the file's, checked by the same code."""
    any_house.workspace()
    kept = keep(any_house)
    shown = any_house.ask("GET", DIRECTORY)
    etag = shown.headers["ETag"]
    replaced = keep(any_house, based_on=etag, item="tr", limits={"pages": 3})
    late = keep(any_house, based_on=etag, item="dl")

    assert kept.status_code == 200
    assert shown.json == kept.json
    assert (shown.json["name"], shown.json["kind"]) == ("directory", "html")
    assert (shown.json["start"], shown.json["fields"]) == ([SITE], {"full_name": "b"})
    assert shown.json["last_run"] is None
    assert (replaced.json["item"], replaced.json["limits"]["pages"]) == ("tr", 3)
    assert replaced.headers["ETag"] != etag
    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")


def test_what_was_read_has_to_be_there_still(any_house: House) -> None:
    """Nobody brings a source back by a change that was meant for another one."""
    any_house.workspace()
    etag = keep(any_house).headers["ETag"]

    assert keep(any_house, "another", based_on=etag).status_code == 412
    assert keep(any_house, "another").status_code == 200


def test_a_description_that_cannot_be_followed_says_where(any_house: House) -> None:
    """In the words of the command line."""
    any_house.workspace()
    bad_field = keep(any_house, fields={"shoe_size": "b"})
    no_item = keep(any_house, kind="json", item=None)
    bad_start = keep(any_house, start=["ftp://directory.example"])

    assert {each.status_code for each in (bad_field, no_item, bad_start)} == {422}
    assert {each.json["code"] for each in (bad_field, no_item, bad_start)} == {"bad_source"}
    assert bad_field.json["detail"].startswith("fields.shoe_size:")
    assert any_house.ask("GET", SOURCES).json["data"] == []


def test_a_run_is_asked_for_and_seen_in_the_list_with_its_counts(any_house: House) -> None:
    """The operation is for a worker; asked twice it is one run."""
    any_house.workspace()
    keep(any_house, start=[SITE, f"{SITE}?page=2"])
    asked, again = run(any_house), run(any_house)
    [run_id] = [each["id"] for each in any_house.ask("GET", f"{DIRECTORY}/runs").json["data"]]
    take_page(any_house, run_id, "read", "ann", "bob")
    take_page(any_house, run_id, "page_missing")
    [counted] = any_house.ask("GET", f"{DIRECTORY}/runs").json["data"]
    shown = any_house.ask("GET", DIRECTORY).json

    assert (asked.status_code, asked.json["kind"]) == (202, "run_source")
    assert asked.headers["Location"] == f"/api/v1/operations/{asked.json['id']}"
    assert (again.json, again.headers["Idempotency-Replayed"]) == (asked.json, "true")
    assert (counted["pages"], counted["contacts"]) == (2, 2)
    assert (counted["not_read"], counted["due"]) == (1, 0)
    assert (shown["runs"], shown["pages"], shown["contacts"]) == (1, 2, 2)
    assert shown["not_read"] == [{"url": f"{SITE}?page=2", "code": "page_missing", "why": "404"}]


def test_sources_and_runs_are_listed_page_by_page(any_house: House) -> None:
    """Sources by name, runs the newest first."""
    any_house.workspace()
    for name in ("beta", "alpha", "gamma"):
        keep(any_house, name)
    first = any_house.ask("GET", f"{SOURCES}?limit=2")
    link = first.headers["Link"].removeprefix("<").partition(">")[0]

    assert [each["name"] for each in first.json["data"]] == ["alpha", "beta"]
    assert [each["name"] for each in any_house.ask("GET", link).json["data"]] == ["gamma"]


def test_a_trial_shows_the_first_page_and_keeps_nothing(any_house: House) -> None:
    """As many contacts as were asked for, of those that there are."""
    any_house.workspace()
    people = "".join(f"<li><b>Ann {n}</b> ann{n}@agency.example</li>" for n in range(5))
    any_house.site.put(SITE, f"<ul>{people}</ul><a href='?page=2'>on</a>".encode())
    tried = any_house.ask("POST", f"{SOURCES}:try", {**DESCRIBED, "next": "a", "rows": 2})

    assert tried.status_code == 200
    assert (tried.json["url"], tried.json["contacts"]) == (SITE, 5)
    assert tried.json["rows"][1] == {"full_name": "Ann 1", "email": "ann1@agency.example"}
    assert len(tried.json["rows"]) == 2
    assert tried.json["next"] == [f"{SITE}?page=2"]
    assert any_house.ask("GET", SOURCES).json["data"] == []


def test_a_trial_waits_for_no_more_than_a_request_can(house: House) -> None:
    """Whatever the description allows a run."""
    house.workspace()
    house.site.put(SITE, b"<li>ann@agency.example</li>" * 200_000)
    large = house.ask("POST", f"{SOURCES}:try", {**DESCRIBED, "limits": {"page_bytes": 50_000_000}})

    assert (large.status_code, large.json["code"]) == (422, "page_not_fetched")


def test_a_trial_goes_to_public_hosts_only() -> None:
    """Nobody looks round behind the firewall through the API."""
    clock = ManualClock()
    house = House(MemoryStore(clock), clock, pages=WebPages(Guard(loopback_allowed=False)))
    house.workspace()
    for host in ("127.0.0.1:8000", "169.254.169.254", "[::1]"):
        tried = house.ask("POST", f"{SOURCES}:try", {"start": [f"http://{host}/"]})

        assert tried.status_code == 422
        assert tried.json["code"] in {"page_not_fetched", "bad_source"}
        assert "rows" not in tried.json


def test_who_only_looks_neither_tries_nor_runs(house: House) -> None:
    """And a client's key does not see where contacts come from."""
    house.workspace()
    keep(house)
    viewer, client = house.key(Role.VIEWER, "acme"), house.key(Role.CLIENT, "acme")

    assert house.ask("GET", SOURCES, key=viewer).status_code == 200
    assert house.ask("GET", SOURCES, key=client).status_code == 403
    assert house.ask("POST", f"{SOURCES}:try", DESCRIBED, key=viewer).status_code == 403
    assert run(house, key=viewer).status_code == 403
