"""Verification over HTTP."""

from __future__ import annotations

from typing import Any, Final

from maverick_adapters.memory import InstantAirfield
from maverick_core.access.rules import Role
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from tests.http.house import House

VERIFICATION: Final = "/api/v1/workspaces/acme/verification"
POLICY: Final = f"{VERIFICATION}/policy"


def keep(house: House, *names: str, slug: str = "acme") -> None:
    """Have a run find people whom the filter keeps."""
    rows = [NewRaw(n, email=f"{x}@oak.example", first_name="Ann") for n, x in enumerate(names, 1)]
    origin = Origin(OriginKind.SCRAPE_RUN, 1)
    house.store.add_raw(house.store.workspace(slug).id, origin, rows, at=house.clock.now())
    house.filter_contacts(slug, lambda *_: None)


def verify(house: House, slug: str = "acme") -> None:
    """Do what a worker does when it was asked to verify."""
    house.verify(slug, breath=InstantAirfield(house.clock).flights())


def put(house: House, risks: object, based_on: str = "*") -> Any:
    """Set which risks are taken."""
    return house.ask("PUT", POLICY, {"risks": risks}, If_Match=based_on)


def test_candidates_are_counted_and_the_budget_is_told(any_house: House) -> None:
    """What is believed is known for every workspace, and costs nothing again."""
    any_house.workspace()
    keep(any_house, "ann", "bob")
    before = any_house.ask("GET", VERIFICATION).json
    verify(any_house)
    after = any_house.ask("GET", VERIFICATION).json
    verifier = any_house.ask("GET", "/api/v1/verification").json

    assert before == {"workspace": "acme", "waiting": 2, "contacts": 0, "not_mailable": []}
    assert after == {"workspace": "acme", "waiting": 0, "contacts": 2, "not_mailable": []}
    assert (verifier["verifier"], verifier["daily_limit"]) == ("memory", 1_000)
    assert (verifier["spent_today"], verifier["budget_left"]) == (2, 998)
    assert verifier["believed"] == {"valid": 2}


def test_a_preview_says_what_a_run_would_cost_and_asks_nobody(any_house: House) -> None:
    """What another workspace had verified is known."""
    any_house.workspace()
    any_house.workspace("zeta")
    keep(any_house, "ann", slug="zeta")
    verify(any_house, "zeta")
    keep(any_house, "ann", "bob")
    preview = any_house.ask("POST", f"{VERIFICATION}:preview", {})

    assert preview.status_code == 200
    assert (preview.json["settled"], preview.json["mailable"], preview.json["to_ask"]) == (1, 1, 1)
    assert (preview.json["budget_left"], preview.json["complete"]) == (999, True)
    assert any_house.ask("GET", VERIFICATION).json["waiting"] == 2
    assert any_house.ask("GET", "/api/v1/verification").json["spent_today"] == 1


def test_a_rehearsal_of_some_says_that_more_wait(any_house: House) -> None:
    """Whoever cannot wait for all gets the oldest, in whole pages."""
    any_house.workspace()
    keep(any_house, "ann", "bob", "cy")
    rehearse = any_house.facade.rehearse_verification
    some = rehearse("acme", at_most=2, page_size=1)
    whole = rehearse("acme", at_most=9, page_size=1)

    assert (some.to_ask, some.complete) == (2, False)
    assert (whole.to_ask, whole.complete) == (3, True)


def test_risks_are_taken_as_they_were_read(any_house: House) -> None:
    """Those that are named and no others."""
    any_house.workspace()
    before = any_house.ask("GET", POLICY)
    after = put(any_house, ["role", "catch_all"], before.headers["ETag"])
    late = put(any_house, [], before.headers["ETag"])

    assert before.json["risks"] == ["mailbox_unchecked"]
    assert "disposable" in before.json["may_be_taken"]
    assert (after.status_code, after.json["risks"]) == (200, ["catch_all", "role"])
    assert any_house.ask("GET", POLICY).json == after.json
    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")


def test_what_is_no_risk_is_not_taken(house: House) -> None:
    house.workspace()

    assert put(house, ["no_such_mailbox"]).json["code"] == "bad_policy"
    assert put(house, ["luck"]).json["code"] == "invalid_body"
    assert house.ask("GET", POLICY).json["risks"] == ["mailbox_unchecked"]


def test_a_run_is_asked_for_also_over_again(any_house: House) -> None:
    """A worker does it."""
    any_house.workspace()
    runs = f"{VERIFICATION}/runs"
    asked = any_house.ask("POST", runs, {}, Idempotency_Key="first")
    again = any_house.ask("POST", runs, {"again": True}, Idempotency_Key="second")

    assert (asked.status_code, asked.json["kind"]) == (202, "verify")
    assert (again.status_code, again.json["kind"]) == (202, "verify_again")
    assert asked.headers["Location"] == f"/api/v1/operations/{asked.json['id']}"


def test_what_others_spent_is_out_of_reach_of_a_key_for_one(house: House) -> None:
    """A budget, and what is known already, are everybody's together."""
    house.workspace()
    bound = house.key(Role.OPERATOR, "acme")
    budget = house.ask("GET", "/api/v1/verification", key=bound)
    preview = house.ask("POST", f"{VERIFICATION}:preview", {}, key=bound)

    assert [each.json["code"] for each in (budget, preview)] == ["key_bound", "key_bound"]
    assert house.ask("GET", VERIFICATION, key=bound).status_code == 200
