"""Looking into the stub: what it holds, what it was asked, and the same over HTTP."""

from typing import Any

import httpx
import pytest

from contracts.bison.asking import (
    ACME,
    OTHER,
    UPSERT,
    client,
    ids,
    open_stub,
    people,
    person,
    upsert,
)
from contracts.bison.stub import AnswerDropped, Fault


def look(asking: httpx.Client, path: str) -> Any:
    """Read one thing from the inspection side."""
    answer = asking.get(path)
    assert answer.status_code == 200
    return answer.json()["data"]


def test_requests_are_counted_by_route_status_and_chunk() -> None:
    """Keys of records are no routes, or the counts would grow for ever."""
    stub = open_stub()
    asking = client(stub)
    stub.script(Fault("drop_after", nth=2, times=1))

    upsert(asking, *people(3))
    with pytest.raises(AnswerDropped):
        upsert(asking, *people(3))
    upsert(asking, *people(2))
    asking.get("/api/leads/1")
    asking.get("/api/leads/2")
    asking.get("/api/nothing")

    assert stub.requests.total == 6
    assert stub.requests.count("POST", UPSERT) == 3
    assert stub.requests.count(route="/api/leads/{key}") == 2
    assert stub.requests.count(route="unknown") == 1
    assert stub.requests.by_status == {201: 2, 0: 1, 404: 3}
    assert stub.requests.by_chunk == {("p0@agency.example", 3): 2, ("p0@agency.example", 2): 1}


def test_the_last_requests_are_kept_in_full() -> None:
    """With number, path, workspace, status and chunk."""
    stub = open_stub()

    upsert(client(stub, OTHER), person())

    last = stub.requests.recent[-1]
    assert (last.method, last.path, last.workspace) == ("POST", UPSERT, "Other")
    assert (last.status, last.chunk) == (201, ("ann@agency.example", 1))


def test_pushes_count_how_often_each_address_was_accepted() -> None:
    """Refused and skipped ones were not."""
    stub = open_stub(refused_emails={"bad@agency.example": "No."})
    asking = client(stub)

    upsert(asking, *people(2))
    upsert(asking, *people(1), person("ann@gmail.com"))
    upsert(asking, *people(1), person("bad@agency.example"))

    assert stub.pushes == {"p0@agency.example": 2, "p1@agency.example": 1}


def test_accounting_can_be_switched_off() -> None:
    """A benchmark pays for counts of requests only."""
    stub = open_stub(accounting=False)

    upsert(client(stub), person())

    assert stub.requests.total == 1
    assert stub.requests.count("POST", UPSERT) == 1
    assert list(stub.requests.recent) == []
    assert stub.pushes == {"ann@agency.example": 0}


def test_a_reset_forgets_leads_campaigns_faults_and_counts() -> None:
    """Workspaces, tokens and variables stay; ids are never given out again."""
    stub = open_stub(refused_emails={"bad@agency.example": "No."})
    asking = client(stub)
    row = person(custom_variables=[{"name": "city", "value": "Ulm"}])
    first = ids(upsert(asking, row))
    campaign = stub.add_campaign("Acme", "Spring")
    stub.script(Fault("late", gateway=504, after_requests=1))
    upsert(asking, person("late@agency.example"))

    stub.reset()

    assert stub.requests.total == 0
    assert stub.held("Acme") == set()
    assert asking.get(f"/api/campaigns/{campaign}").status_code == 404
    assert ids(upsert(asking, row)) > first
    assert stub.held("Acme") == {"ann@agency.example"}
    assert upsert(asking, person("bad@agency.example")).status_code == 201


def test_the_stub_shows_what_it_holds_of_a_lead() -> None:
    """As the API would, without asking it; nothing is counted."""
    stub = open_stub()
    asked = upsert(client(stub), person()).json()["data"][0]

    assert stub.lead("Acme", "ANN@agency.example") == asked
    assert stub.lead("Other", "ann@agency.example") is None
    assert stub.requests.total == 1


def test_the_state_is_shown_over_http() -> None:
    """Workspaces with their numbers, and the counts of requests; the look itself is not one."""
    stub = open_stub()
    asking = client(stub)
    campaign = stub.add_campaign("Acme", "Spring")
    body = {"lead_ids": ids(upsert(asking, *people(2)))[:1]}
    asking.post(f"/api/campaigns/{campaign}/leads/attach-leads", json=body)

    state = look(asking, "/_stub/state")

    assert [each["name"] for each in state["workspaces"]] == ["Acme", "Other"]
    assert state["workspaces"][0]["held"] == 2
    assert state["workspaces"][0]["campaigns"] == {str(campaign): 1}
    assert state["requests"]["total"] == 2
    assert state["requests"]["by_route"][f"POST {UPSERT}"] == 1
    assert look(asking, "/_stub/workspaces/Acme/held/count") == 2
    assert look(asking, "/_stub/workspaces/Other/held") == []
    assert look(asking, f"/_stub/campaigns/{campaign}/held") == ["p0@agency.example"]
    assert look(asking, "/_stub/pushes") == {"p0@agency.example": 1, "p1@agency.example": 1}
    assert [each["status"] for each in look(asking, "/_stub/requests")] == [201, 200]


def test_faults_are_scripted_listed_and_lifted_over_http() -> None:
    """The JSON has the keys of ``Fault``."""
    asking = client(open_stub())

    made = asking.post(
        "/_stub/faults", json={"does": "status", "status": 503, "path": "/api/users"}
    )
    number = made.json()["data"]["number"]
    during = asking.get("/api/users").status_code
    listed = look(asking, "/_stub/faults")
    asking.delete(f"/_stub/faults/{number}")
    after = asking.get("/api/users").status_code
    asking.post("/_stub/faults", json={"does": "drop_before"})
    asking.delete("/_stub/faults")

    assert (during, after) == (503, 200)
    assert (listed[0]["number"], listed[0]["met"]) == (number, 1)
    assert listed[0]["fault"]["status"] == 503
    assert asking.get("/api/users").status_code == 200


def test_workspaces_and_tokens_are_managed_over_http() -> None:
    """A test against a separate process sets its scene the same way."""
    stub = open_stub()
    asking = client(stub)
    body = {"name": "Third", "token": "3|third", "id": 900, "variables": ["city"]}

    made = asking.post("/_stub/workspaces", json=body).json()["data"]
    asking.post("/_stub/workspaces/Third/token", json={"token": "4|fresh"})

    assert made == {"id": 900}
    assert client(stub, "3|third").get("/api/users").status_code == 401
    assert client(stub, "4|fresh").get("/api/users").json()["data"]["workspace"]["id"] == 900


def test_statuses_late_requests_and_resets_are_driven_over_http() -> None:
    """Everything that a test in process can do."""
    stub = open_stub()
    asking = client(stub)
    campaign = stub.add_campaign("Acme", "Spring")
    upsert(asking, person())
    stub.script(Fault("late", gateway=504, after_requests=9, times=1))
    upsert(asking, person("late@agency.example"))

    asking.post(f"/_stub/campaigns/{campaign}/status", json={"status": "active"})
    bounced = {"email": "ann@agency.example", "status": "bounced"}
    asking.post("/_stub/workspaces/Acme/lead-status", json=bounced)
    asking.post("/_stub/campaigns/sync")
    delivered = asking.post("/_stub/late").json()["data"]

    assert asking.get(f"/api/campaigns/{campaign}").json()["data"]["status"] == "active"
    assert asking.get("/api/leads/ann@agency.example").json()["data"]["status"] == "bounced"
    assert delivered == 1
    assert stub.held_count("Acme") == 2
    asking.post("/_stub/reset")
    assert stub.held_count("Acme") == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_stub/faults", {"does": "explode"}, 400),
        ("POST", "/_stub/faults", {"path": "/api/*"}, 400),
        ("GET", "/_stub/workspaces/Nobody/held", {}, 400),
        ("POST", "/_stub/workspaces", {"name": "Acme", "token": ACME}, 400),
        ("DELETE", "/_stub/state", {}, 405),
        ("GET", "/_stub/nothing", {}, 404),
    ],
)
def test_a_look_that_makes_no_sense_is_refused(
    method: str,
    path: str,
    body: dict[str, Any],
    status: int,
) -> None:
    """A test with a typing error must not pass."""
    assert client(open_stub()).request(method, path, json=body).status_code == status


def test_faults_do_not_concern_the_inspection_side() -> None:
    """Nor does the rate limit: a test can always look."""
    stub = open_stub(requests_per_minute=0)
    stub.script(Fault("drop_before"))

    assert look(client(stub), "/_stub/state")["requests"]["total"] == 0
