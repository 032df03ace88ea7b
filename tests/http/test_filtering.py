"""Filtering over HTTP."""

from __future__ import annotations

from typing import Any, Final

import pytest

from maverick_adapters.memory import InstantAirfield
from maverick_core.access.rules import Role
from maverick_core.kernel.ids import parse_operation_name
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.filtering.request import FilterAsRequested
from maverick_core.pipeline.filtering.rule_set import RuleSet, as_plain
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_http.schemas.filtering import Rules
from tests.http.house import House

FILTERING: Final = "/api/v1/workspaces/acme/filtering"
RULES: Final = f"{FILTERING}/rules"
NO_OHIO: Final = {"states": ["TX"], "blocked_words": ["Broker  Pool"]}


def bring(house: House, *people: tuple[str, str], slug: str = "acme", run: int = 1) -> None:
    """Have a run find people, each with an e-mail and a state."""
    rows = [NewRaw(n, email=e, first_name="Ann", state=s) for n, (e, s) in enumerate(people, 1)]
    origin = Origin(OriginKind.SCRAPE_RUN, run)
    house.store.add_raw(house.store.workspace(slug).id, origin, rows, at=house.clock.now())


def judged(house: House, slug: str = "acme") -> None:
    """Do what a worker does when it was asked to filter."""
    house.filter_contacts(slug, lambda *_: None)


def done(house: House, *, bring_again: tuple[str, ...]) -> str:
    """Have a run find people again and a worker judge them, and return where that is told."""
    bring(house, *((email, "") for email in bring_again), run=3)
    asked = house.ask("POST", f"{FILTERING}/runs", {}, Idempotency_Key="again")
    claim = house.store.claim_operation(
        parse_operation_name(asked.json["id"]), worker="w", lease_seconds=60
    )
    assert isinstance(claim, OperationClaim)
    FilterAsRequested(house.filter_contacts, house.store, InstantAirfield(house.clock))(claim)
    return asked.headers["Location"]


def put(house: House, body: object, based_on: str = "*") -> Any:
    """Set rules."""
    return house.ask("PUT", RULES, body, If_Match=based_on)


def test_the_body_knows_every_rule_that_there_is() -> None:
    """With its default; a rule that is added to the core is added here."""
    assert Rules().model_dump() == as_plain(RuleSet())


def test_rules_are_read_and_set_as_they_were_read(any_house: House) -> None:
    """Version 0 are the defaults; what is set is whole, and what is left out is a default."""
    any_house.workspace()
    before = any_house.ask("GET", RULES)
    after = put(any_house, NO_OHIO, before.headers["ETag"])
    late = put(any_house, {}, before.headers["ETag"])

    assert (before.json["version"], before.json["by"], before.json["at"]) == (0, None, None)
    assert before.json["rules"] == as_plain(RuleSet())
    assert (after.status_code, after.json["version"]) == (200, 1)
    assert after.json["by"] == "key:admin-all"
    assert after.json["rules"]["states"] == ["TX"]
    assert after.json["rules"]["blocked_words"] == ["broker pool"]
    assert after.json["rules"]["role_accounts"] == "filter"
    assert after.json == any_house.ask("GET", RULES).json
    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")


def test_every_version_is_listed_page_by_page(any_house: House) -> None:
    """The newest first, each whole, with who set it."""
    any_house.workspace()
    for words in (["one"], ["two"], ["three"]):
        put(any_house, {"blocked_words": words})
    first = any_house.ask("GET", f"{RULES}/versions?limit=2")
    rest = any_house.ask("GET", first.headers["Link"].removeprefix("<").partition(">")[0])

    assert [each["version"] for each in first.json["data"]] == [3, 2]
    assert [each["rules"]["blocked_words"] for each in rest.json["data"]] == [["one"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"states": ["Bavaria"]}, "bad_rules"),
        ({"states": "TX"}, "invalid_body"),
        ({"role_accounts": True}, "invalid_body"),
        ({"shoe_size": "keep"}, "invalid_body"),
        ({"blocked_words": ["  "]}, "bad_rules"),
    ],
)
def test_rules_that_cannot_be_are_refused(house: House, body: object, code: str) -> None:
    house.workspace()
    refused = put(house, body)

    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert house.ask("GET", RULES).json["version"] == 0


def test_a_rule_set_is_tried_on_what_was_judged_and_changes_nothing(any_house: House) -> None:
    """Counts before and after, and who would go where."""
    any_house.workspace()
    bring(any_house, ("a@oak.example", "TX"), ("b@oak.example", "OH"))
    judged(any_house)
    tried = any_house.ask("POST", f"{FILTERING}:what-if", NO_OHIO)

    assert tried.status_code == 200
    assert tried.json["before"] == {"kept": 2}
    assert tried.json["after"] == {"kept": 1, "state_outside": 1}
    [change] = tried.json["changes"]
    assert (change["before"], change["after"], change["rows"]) == ("kept", "state_outside", 1)
    assert tried.json["complete"] is True
    assert any_house.ask("GET", RULES).json["version"] == 0


def test_what_became_of_raw_contacts_is_counted_by_code(any_house: House) -> None:
    """With what each code means, the most frequent first."""
    any_house.workspace()
    bring(any_house, ("a@oak.example", ""), ("info@oak.example", ""), ("sales@oak.example", ""))
    bring(any_house, ("bad", ""), run=2)
    judged(any_house)
    counts = any_house.ask("GET", f"{FILTERING}/counts").json

    assert (counts["workspace"], counts["judged"], counts["kept"]) == ("acme", 4, 1)
    assert [(each["code"], each["rows"]) for each in counts["codes"]] == [
        ("role_account", 2),
        ("email_bad_syntax", 1),
    ]
    assert counts["codes"][0]["meaning"] == "The mailbox is a function's, not a person's."


def test_a_run_is_asked_for_and_a_worker_does_it(any_house: House) -> None:
    """Nothing is judged by asking."""
    any_house.workspace()
    bring(any_house, ("a@oak.example", ""))
    asked = any_house.ask("POST", f"{FILTERING}/runs", {}, Idempotency_Key="first")

    assert (asked.status_code, asked.json["kind"]) == (202, "filter")
    assert asked.headers["Location"] == f"/api/v1/operations/{asked.json['id']}"
    assert any_house.ask("GET", f"{FILTERING}/counts").json["judged"] == 0


def test_who_sees_one_workspace_is_not_told_who_else_has_a_mailbox(any_house: House) -> None:
    """Neither whose it is nor that it is somebody's: what is withheld has one name for all."""
    any_house.workspace()
    any_house.workspace("zeta")
    bring(any_house, ("a@oak.example", ""), slug="zeta")
    judged(any_house, "zeta")
    put(any_house, {"other_workspaces": "filter"})
    bring(any_house, ("own@oak.example", ""))
    bring(any_house, ("a@oak.example", ""), ("own@oak.example", ""), run=2)
    judged(any_house)
    everybody = any_house.ask("GET", f"{FILTERING}/counts")
    bound = any_house.key(Role.VIEWER, "acme")
    one = any_house.ask("GET", f"{FILTERING}/counts", key=bound)
    said = done(any_house, bring_again=("a@oak.example", "own@oak.example"))
    all_said, one_said = (any_house.ask("GET", said, key=key) for key in (any_house.key(), bound))
    listed = any_house.ask("GET", "/api/v1/operations", key=bound)
    operator = any_house.key(Role.OPERATOR, "acme")
    tried = any_house.ask("POST", f"{FILTERING}:what-if", {}, key=operator)

    assert [each["code"] for each in everybody.json["codes"]] == [
        "duplicate_in_other_workspace",
        "duplicate_in_workspace",
    ]
    assert [(each["code"], each["rows"]) for each in one.json["codes"]] == [("withheld", 2)]
    assert "nother workspace" not in one.text
    assert all_said.json["result"]["codes"]["duplicate_in_other_workspace"] == 1
    assert one_said.json["result"]["codes"] == {"withheld": 2}
    assert listed.json["data"] == [one_said.json]
    assert (tried.status_code, tried.json["code"]) == (403, "key_bound")
