"""The stub's campaign routes: above all, what an attach adds and what it only seems to add."""

import httpx
import pytest

from contracts.bison.asking import client, emails, ids, open_stub, people, upsert
from contracts.bison.stub import BisonStub, Switches

NONE_ADDED = "No leads were added because they are either in other sequences"


def attach(
    asking: httpx.Client,
    campaign: int,
    leads: list[int],
    *,
    parallel: bool = False,
) -> httpx.Response:
    """Attach leads by id."""
    body = {"lead_ids": leads, "allow_parallel_sending": parallel}
    return asking.post(f"/api/campaigns/{campaign}/leads/attach-leads", json=body)


def uploaded(stub: BisonStub, count: int) -> tuple[httpx.Client, list[int]]:
    """Upload so many leads and return a client and their ids."""
    asking = client(stub)
    return asking, ids(upsert(asking, *people(count)))


def test_a_new_campaign_is_a_draft_with_the_default_limits() -> None:
    """Limits sent along are silently discarded; names need not be unique."""
    asking = client(open_stub())
    body = {"name": "Spring", "max_emails_per_day": 5}

    first, second = (asking.post("/api/campaigns", json=body) for _ in range(2))

    campaign = first.json()["data"]
    assert first.status_code == 201
    assert (campaign["name"], campaign["status"], campaign["type"]) == (
        "Spring",
        "draft",
        "outbound",
    )
    assert campaign["max_emails_per_day"] == 1000
    assert second.json()["data"]["id"] != campaign["id"]


def test_a_campaign_needs_a_name_and_a_known_type() -> None:
    """Both are validation errors."""
    asking = client(open_stub())

    nameless = asking.post("/api/campaigns", json={})
    strange = asking.post("/api/campaigns", json={"name": "Spring", "type": "newsletter"})

    assert (nameless.status_code, strange.status_code) == (422, 422)
    assert "name" in nameless.json()["errors"]
    assert "type" in strange.json()["errors"]


def test_campaigns_are_listed_in_pages_filtered_by_search_and_status() -> None:
    """As the other lists are."""
    stub = open_stub()
    for number in range(16):
        stub.add_campaign("Acme", f"Wave {number}", status="active" if number == 3 else "draft")
    asking = client(stub)

    def listed(**params: str) -> list[str]:
        return [row["name"] for row in asking.get("/api/campaigns", params=params).json()["data"]]

    assert len(listed()) == 15
    assert listed(page="2") == ["Wave 15"]
    assert listed(status="Active") == ["Wave 3"]
    assert listed(search="wave 12") == ["Wave 12"]


def test_switch_e_writes_statuses_with_a_capital() -> None:
    """The examples of the specification have ``Active`` where live has ``active``."""
    live, specified = open_stub(), open_stub(Switches(status_case="title"))

    def status(stub: BisonStub) -> str:
        campaign = stub.add_campaign("Acme", "Spring", status="active")
        return str(client(stub).get(f"/api/campaigns/{campaign}").json()["data"]["status"])

    assert status(live) == "active"
    assert status(specified) == "Active"


def test_attaching_adds_the_leads_and_counts_nothing() -> None:
    """The answer has a sentence and no number: look into the campaign to know."""
    stub = open_stub()
    asking, leads = uploaded(stub, 3)
    campaign = stub.add_campaign("Acme", "Spring")

    answer = attach(asking, campaign, leads)

    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "success": True,
        "message": "Leads successfully added to Spring. Existing leads were not added.",
    }
    assert stub.held_in_campaign(campaign) == {row["email"] for row in people(3)}
    assert asking.get(f"/api/campaigns/{campaign}").json()["data"]["total_leads"] == 3


def test_attaching_members_again_is_no_error() -> None:
    """Safe to repeat after a lost answer, also when nobody is new."""
    stub = open_stub()
    asking, leads = uploaded(stub, 2)
    campaign = stub.add_campaign("Acme", "Spring", status="active")
    attach(asking, campaign, leads)

    again = attach(asking, campaign, leads)

    assert again.status_code == 200
    assert len(stub.held_in_campaign(campaign)) == 2


@pytest.mark.parametrize("status", ["bounced", "unsubscribed"])
def test_leads_that_bounced_or_unsubscribed_are_refused(status: str) -> None:
    """422 with a business body if no id of the request can be added."""
    stub = open_stub()
    asking, leads = uploaded(stub, 1)
    stub.set_lead_status("Acme", "p0@agency.example", status)
    campaign = stub.add_campaign("Acme", "Spring")

    answer = attach(asking, campaign, leads, parallel=True)

    assert answer.status_code == 422
    assert answer.json()["data"]["message"].startswith(NONE_ADDED)
    assert stub.held_in_campaign(campaign) == set()


@pytest.mark.parametrize(
    ("status", "refused"),
    [("active", True), ("queued", True), ("launching", True), ("draft", False), ("paused", False)],
)
def test_a_lead_is_in_one_running_sequence_at_a_time(status: str, refused: bool) -> None:  # noqa: FBT001 - a case's expectation
    """Unless ``allow_parallel_sending`` is given, or it is through with the other one."""
    stub = open_stub()
    asking, leads = uploaded(stub, 1)
    first, second = (stub.add_campaign("Acme", name) for name in ("First", "Second"))
    attach(asking, first, leads)
    stub.set_campaign_status(first, status)

    answer = attach(asking, second, leads)
    parallel = attach(asking, second, leads, parallel=True)

    assert answer.status_code == (422 if refused else 200)
    assert parallel.status_code == 200


def test_a_lead_that_finished_its_sequence_is_free_for_the_next() -> None:
    """A running campaign holds only those whose sequence still runs."""
    stub = open_stub()
    asking, leads = uploaded(stub, 1)
    first = stub.add_campaign("Acme", "First", status="active")
    attach(asking, first, leads)
    stub.set_member_status(first, "p0@agency.example", "sequence_finished")

    assert attach(asking, stub.add_campaign("Acme", "Second"), leads).status_code == 200


@pytest.mark.parametrize(("mixed", "status", "added"), [("refuse", 422, 0), ("drop", 200, 1)])
def test_switch_b_decides_about_a_mixed_batch(mixed: str, status: int, added: int) -> None:
    """Nobody is added and the client is told, or some are and it is not."""
    stub = open_stub(Switches(mixed_attach=mixed))  # type: ignore[arg-type] # a parameter's str
    asking, leads = uploaded(stub, 2)
    stub.set_lead_status("Acme", "p0@agency.example", "bounced")
    campaign = stub.add_campaign("Acme", "Spring")

    answer = attach(asking, campaign, leads)

    assert answer.status_code == status
    assert len(stub.held_in_campaign(campaign)) == added


@pytest.mark.parametrize(
    ("lead_ids", "path"),
    [(None, "lead_ids"), ([], "lead_ids"), ("x", "lead_ids"), (["x"], "lead_ids.0")],
)
def test_an_attach_needs_ids(lead_ids: object, path: str) -> None:
    """A list of integers; there is no attach by address."""
    stub = open_stub()
    campaign = stub.add_campaign("Acme", "Spring")
    body = {"lead_ids": lead_ids}

    answer = client(stub).post(f"/api/campaigns/{campaign}/leads/attach-leads", json=body)

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [path]


def test_an_unknown_lead_id_is_a_validation_error() -> None:
    """Inferred; nobody is added."""
    stub = open_stub()
    asking, leads = uploaded(stub, 1)
    campaign = stub.add_campaign("Acme", "Spring")

    answer = attach(asking, campaign, [*leads, 999_999_999])

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["lead_ids.1"]
    assert stub.held_in_campaign(campaign) == set()


def test_a_campaign_has_a_greatest_size() -> None:
    """50,000 leads by the vendor's documentation."""
    stub = open_stub(Switches(campaign_leads=2))
    asking, leads = uploaded(stub, 3)
    campaign = stub.add_campaign("Acme", "Spring")

    assert attach(asking, campaign, leads).status_code == 422
    assert attach(asking, campaign, leads[:2]).status_code == 200
    assert Switches().campaign_leads == 50_000


def test_the_total_of_an_active_campaign_lags_until_the_sync() -> None:
    """The API caches such leads for up to five minutes; the list has them at once."""
    stub = open_stub()
    asking, leads = uploaded(stub, 2)
    campaign = stub.add_campaign("Acme", "Spring", status="active")
    attach(asking, campaign, leads)

    def total() -> int:
        return int(asking.get(f"/api/campaigns/{campaign}").json()["data"]["total_leads"])

    assert total() == 0
    assert len(emails(asking.get(f"/api/campaigns/{campaign}/leads"))) == 2
    stub.sync_campaigns()
    assert total() == 2


def test_the_total_may_follow_at_once() -> None:
    """For tests that are about something else."""
    stub = open_stub(Switches(active_total="immediate"))
    asking, leads = uploaded(stub, 2)
    campaign = stub.add_campaign("Acme", "Spring", status="active")
    attach(asking, campaign, leads)

    assert asking.get(f"/api/campaigns/{campaign}").json()["data"]["total_leads"] == 2


def test_the_leads_of_a_campaign_come_in_pages_with_their_status_in_it() -> None:
    """``lead_campaign_data`` is an array, one entry a campaign."""
    stub = open_stub()
    asking, leads = uploaded(stub, 17)
    campaign = stub.add_campaign("Acme", "Spring", status="active")
    attach(asking, campaign, leads)

    pages = [
        asking.get(f"/api/campaigns/{campaign}/leads", params={"page": n}).json() for n in (1, 2)
    ]

    assert [len(page["data"]) for page in pages] == [15, 2]
    assert pages[0]["data"][0]["lead_campaign_data"] == [
        {
            "campaign_id": campaign,
            "status": "in_sequence",
            "emails_sent": 0,
            "replies": 0,
            "opens": 0,
            "interested": False,
        },
    ]
