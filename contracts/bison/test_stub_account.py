"""The stub's routes about a workspace itself, and how it refuses whoever may not use them."""

from typing import Any

import pytest

from contracts.bison.asking import ACME, OTHER, client, open_stub, person, upsert
from contracts.bison.stub import Switches

WRONG_WORKSPACE = "does not match the workspace"


def test_a_token_says_which_workspace_it_is_for() -> None:
    """``GET /api/users`` is the only way to learn it; the live key is ``workspace``."""
    stub = open_stub()
    stub.add_workspace("Third", "3|third", id=77)

    answer = client(stub, "3|third").get("/api/users")

    assert answer.status_code == 200
    assert answer.json()["data"]["workspace"]["id"] == 77
    assert answer.json()["data"]["workspace"]["name"] == "Third"
    assert "team" not in answer.json()["data"]


def test_switch_d_names_the_workspace_team() -> None:
    """The specification has the workspace under ``team``."""
    stub = open_stub(Switches(users_workspace_key="team"))

    data = client(stub).get("/api/users").json()["data"]

    assert data["team"]["name"] == "Acme"
    assert "workspace" not in data


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer 9|unknown", "Bearer 1%7Cacme-token", "Basic 1|acme-token", ACME],
)
def test_anything_but_a_known_bearer_token_is_401(header: str) -> None:
    """The pipe of a token must arrive as it is, and the scheme is ``Bearer``."""
    stub = open_stub()

    answer = client(stub).get("/api/users", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}


def test_switch_j_wraps_the_body_of_a_401() -> None:
    """Nobody recorded the body, so a client must not depend on it."""
    stub = open_stub(Switches(unauthenticated_body="wrapped"))

    answer = client(stub, "9|unknown").get("/api/users")

    assert answer.status_code == 401
    assert answer.json()["data"] == {"success": False, "message": "Unauthenticated."}


def test_a_revoked_token_is_401_and_its_successor_opens_the_same_workspace() -> None:
    """Tokens expire in mid-run; what was uploaded stays."""
    stub = open_stub()
    upsert(client(stub), person())

    stub.revoke(ACME)
    refused = client(stub).get("/api/users")
    stub.replace_token("Acme", "5|fresh")
    taken = client(stub, "5|fresh").get("/api/leads/ann@agency.example")

    assert refused.status_code == 401
    assert taken.status_code == 200


def test_replacing_a_token_ends_the_old_one() -> None:
    """One workspace, one token: the old one is refused though it was not revoked."""
    stub = open_stub()

    stub.replace_token("Acme", "5|fresh")

    assert client(stub, ACME).get("/api/users").status_code == 401
    assert client(stub, "5|fresh").get("/api/users").status_code == 200
    assert client(stub, OTHER).get("/api/users").status_code == 200


def test_a_name_or_token_in_use_opens_no_second_workspace() -> None:
    """A script that mixes workspaces up must not pass in silence."""
    stub = open_stub()

    with pytest.raises(ValueError, match="exists already"):
        stub.add_workspace("Acme", "9|new")
    with pytest.raises(ValueError, match="exists already"):
        stub.add_workspace("New", ACME)


def test_the_record_of_another_workspace_is_403() -> None:
    """Not 404 and not 401: the token is good, the record exists, they do not belong together."""
    stub = open_stub()
    lead = upsert(client(stub), person()).json()["data"][0]["id"]
    campaign = stub.add_campaign("Acme", "Spring")
    stranger = client(stub, OTHER)

    answers = [
        stranger.get(f"/api/leads/{lead}"),
        stranger.get(f"/api/campaigns/{campaign}"),
        stranger.get(f"/api/campaigns/{campaign}/leads"),
        stranger.post(f"/api/campaigns/{campaign}/leads/attach-leads", json={"lead_ids": [lead]}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert all(answer.json()["data"]["success"] is False for answer in answers)
    assert all(WRONG_WORKSPACE in answer.json()["data"]["message"] for answer in answers)


def test_an_absent_record_is_404_and_names_its_model() -> None:
    """The body tells an absent record from an absent route."""
    asking = client(open_stub())

    lead = asking.get("/api/leads/nobody@agency.example")
    campaign = asking.get("/api/campaigns/424242")

    assert (lead.status_code, campaign.status_code) == (404, 404)
    assert lead.json()["data"]["record_not_found"] == {"lead": "nobody@agency.example"}
    assert campaign.json()["data"]["record_not_found"] == {"campaign": "424242"}
    assert lead.json()["data"]["message"] == "Record not found."


@pytest.mark.parametrize(
    "path", ["/api/me", "/api/user", "/api/workspaces/current", "/api/webhooks"]
)
def test_an_unknown_route_is_404_with_the_routes_own_words(path: str) -> None:
    """Plausible routes that do not exist live do not exist here."""
    answer = client(open_stub()).get(path)

    assert answer.status_code == 404
    assert answer.json()["data"] == {
        "success": False,
        "message": f"The route {path.removeprefix('/')} could not be found.",
        "record_not_found": None,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/leads"),
        ("GET", "/api/leads/create-or-update/multiple"),
        ("POST", "/api/campaigns/1/leads"),
        ("PATCH", "/api/campaigns/1"),
    ],
)
def test_the_wrong_method_is_405_and_names_the_right_ones(method: str, path: str) -> None:
    """``POST /api/campaigns/{id}/leads`` is the one clients get wrong."""
    answer = client(open_stub()).request(method, path)

    assert answer.status_code == 405
    assert f"The {method} method is not supported" in answer.json()["message"]
    assert "Supported methods: " in answer.json()["message"]


def test_custom_variables_are_stored_in_lower_case() -> None:
    """A client refers to the stored name, not to the one it sent."""
    asking = client(open_stub())

    created = asking.post("/api/custom-variables", json={"name": "Renewal Date"})

    assert created.status_code == 201
    assert created.json()["data"]["name"] == "renewal date"
    assert "renewal date" in [row["name"] for row in _rows(asking, "/api/custom-variables")]


def test_a_custom_variable_exists_once() -> None:
    """422 "already been taken" means that the variable is there: success, to a client."""
    asking = client(open_stub())

    again = asking.post("/api/custom-variables", json={"name": "CITY"})

    assert again.status_code == 422
    assert again.json()["errors"]["name"] == ["The name has already been taken."]


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 7}, [], "nonsense"])
def test_a_custom_variable_needs_a_name(body: Any) -> None:
    """A body that is no object counts as an empty one."""
    answer = client(open_stub()).post("/api/custom-variables", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"]["name"] == ["The name field is required."]


def test_custom_variables_come_in_pages_of_15() -> None:
    """Reading the first page only is the bug seen in the wild."""
    stub = open_stub()
    stub.add_workspace("Many", "3|many", variables=[f"field {n}" for n in range(32)])
    asking = client(stub, "3|many")

    pages = [asking.get("/api/custom-variables", params={"page": n}).json() for n in (1, 2, 3, 4)]

    assert [len(page["data"]) for page in pages] == [15, 15, 2, 0]
    assert pages[0]["meta"]["last_page"] == 3
    assert pages[0]["meta"]["total"] == 32
    assert pages[0]["links"]["next"] is not None
    assert pages[2]["links"]["next"] is None
    assert (pages[1]["meta"]["from"], pages[1]["meta"]["to"]) == (16, 30)


def test_switch_a_answers_200_to_what_is_created() -> None:
    """The specification says 200 where live says 201; a client accepts both."""
    asking = client(open_stub(Switches(create_status=200)))

    variable = asking.post("/api/custom-variables", json={"name": "line"})
    campaign = asking.post("/api/campaigns", json={"name": "Spring"})

    assert (variable.status_code, campaign.status_code) == (200, 200)


def test_switch_i_wraps_what_is_taken() -> None:
    """Which envelope "already been taken" wears is not certain."""
    asking = client(open_stub(Switches(taken_wrapper="business")))
    upsert(asking, person())

    variable = asking.post("/api/custom-variables", json={"name": "city"})
    lead = asking.post("/api/leads", json=person())

    assert (variable.status_code, lead.status_code) == (422, 422)
    assert variable.json()["data"]["message"] == "The name has already been taken."
    assert lead.json()["data"]["message"] == "The email has already been taken."


def _rows(asking: Any, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = asking.get(path).json()["data"]
    return rows
