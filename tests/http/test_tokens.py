"""Bison tokens over HTTP: one goes in, none comes out."""

from __future__ import annotations

from maverick_core.access.rules import Role
from maverick_core.workspaces.ports import TokenIdentity
from tests.http.house import TOKEN, House

PATH = "/api/v1/workspaces/acme/bison-token"


def test_a_token_is_tested_stored_and_never_shown(any_house: House) -> None:
    """Its last four characters and whose it is are all that can be seen of it."""
    any_house.workspace()
    any_house.bison.tokens[TOKEN] = TokenIdentity(7, "Acme Insurance")
    missing = any_house.ask("GET", PATH)
    stored = any_house.ask("PUT", PATH, {"token": TOKEN})
    shown = any_house.ask("GET", PATH)
    told = any_house.ask("GET", "/api/v1/audit")

    assert missing.json["state"] == "missing"
    assert stored.status_code == 200
    assert stored.json == shown.json
    assert (shown.json["state"], shown.json["hint"]) == ("valid", TOKEN[-4:])
    assert shown.json["bison_workspace_name"] == "Acme Insurance"
    assert not any(TOKEN in each.text for each in (missing, stored, shown, told))


def test_a_token_that_email_bison_refuses_changes_nothing(any_house: House) -> None:
    """A conflict of the workspace: 401 would say that the caller's own key is no good."""
    any_house.workspace()
    refused = any_house.ask("PUT", PATH, {"token": TOKEN})

    assert (refused.status_code, refused.json["code"]) == (409, "token_refused")
    assert TOKEN not in refused.text
    assert any_house.ask("GET", PATH).json["state"] == "missing"


def test_a_test_finds_a_token_that_went_bad(any_house: House) -> None:
    """It holds the workspace from then on, and is seen as refused."""
    any_house.workspace()
    any_house.bison.tokens[TOKEN] = TokenIdentity(7, "Acme Insurance")
    any_house.ask("PUT", PATH, {"token": TOKEN})
    good = any_house.ask("POST", f"{PATH}:test")
    del any_house.bison.tokens[TOKEN]
    bad = any_house.ask("POST", f"{PATH}:test")

    assert (good.status_code, good.json["state"]) == (200, "valid")
    assert (bad.status_code, bad.json["code"]) == (409, "token_refused")
    assert any_house.ask("GET", PATH).json["state"] == "refused"
    assert any_house.ask("GET", "/api/v1/workspaces/acme").json["hold"] == "token_refused"


def test_a_token_of_the_wrong_shape_is_not_repeated(house: House) -> None:
    """Whatever is wrong with a body, what was sent stays out of the answer."""
    house.workspace()
    long = "12|" + "x" * 600
    refused = house.ask("PUT", PATH, {"token": long})

    assert refused.status_code == 422
    assert long not in refused.text
    assert refused.json["errors"][0]["pointer"] == "#/token"


def test_whose_token_it_is_already_is_not_told(any_house: House) -> None:
    """A key of one workspace would learn the name of another client."""
    any_house.workspace()
    any_house.workspace("globex")
    any_house.bison.tokens[TOKEN] = TokenIdentity(7, "Shared")
    any_house.ask("PUT", PATH.replace("acme", "globex"), {"token": TOKEN})
    bound = any_house.key(Role.ADMIN, "acme")
    refused = any_house.ask("PUT", PATH, {"token": TOKEN}, key=bound)

    assert (refused.status_code, refused.json["code"]) == (409, "shared_bison_workspace")
    assert "globex" not in refused.text


def test_an_operator_sees_the_state_and_may_not_replace_it(house: House) -> None:
    house.workspace()
    key = house.key(Role.OPERATOR)

    assert house.ask("GET", PATH, key=key).status_code == 200
    assert house.ask("PUT", PATH, {"token": TOKEN}, key=key).status_code == 403
