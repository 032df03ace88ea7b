"""What operators look at: jobs, topology, health, metrics, and a request's own id."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.access.rules import Role
from maverick_core.jobs.rules import JobState, Message
from maverick_core.kernel.errors import Unavailable
from maverick_core.topology.queues import QUEUES
from tests.http.house import House

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_jobs_are_filtered_and_read_page_by_page(any_house: House) -> None:
    """The last queued first; those of one instant by the ids of their messages."""
    store, clock = any_house.store, any_house.clock
    for number in range(3):
        message = Message(f"m-{number}", "batching", "email_bison.upload", 42, clock.now())
        store.job_started(message, worker="w", at=clock.now())
    store.job_ended("m-1", JobState.FAILED, code="OSError", detail="", at=clock.now())
    first = any_house.ask("GET", "/api/v1/jobs?limit=2").json
    second = any_house.ask("GET", f"/api/v1/jobs?limit=2&cursor={first['next_cursor']}").json
    failed = any_house.ask("GET", "/api/v1/jobs?state=failed&queue=batching").json

    assert [each["message_id"] for each in first["data"]] == ["m-0", "m-1"]
    assert [each["message_id"] for each in second["data"]] == ["m-2"]
    assert [each["code"] for each in failed["data"]] == ["OSError"]
    assert failed["data"][0]["started_at"].endswith("Z")


def test_the_topology_says_what_is_wrong_with_it(house: House) -> None:
    told = house.ask("GET", "/api/v1/topology").json

    assert told["queues"] == list(QUEUES)
    assert told["problems"] == []
    assert {queue for group in told["groups"] for queue in group["queues"]} == set(QUEUES)
    assert told["routes"][0] == {"pattern": "app.workers.tasks.scraping.*", "queue": "scraping"}


def fail() -> None:
    raise Unavailable("The database db.example cannot be reached.", code="db_unreachable")


def test_a_process_that_is_of_no_use_says_so_and_lives() -> None:
    """By the code of what is wrong; the words could name a host, and anybody may ask."""
    clock = ManualClock()
    house = House(MemoryStore(clock), clock, checks={"redis": lambda: None, "database": fail})
    ready = house.ask("GET", "/readyz", key=None)

    assert house.ask("GET", "/healthz", key=None).json == {"status": "ok"}
    assert ready.status_code == 503
    assert ready.json == {
        "ready": False,
        "checks": [
            {"name": "redis", "code": "ok"},
            {"name": "database", "code": "db_unreachable"},
        ],
    }


def test_metrics_count_by_route_and_tell_what_waits(house: House) -> None:
    """No address stands in them: it may hold a person's data."""
    house.workspace()
    house.ask("GET", "/api/v1/workspaces/acme")
    house.ask("GET", "/api/v1/workspaces/nobody")
    house.ask("GET", "/secret/ann@agency.example")
    told = house.ask("GET", "/metrics", key=None)

    counted = 'maverick_http_requests_total{method="GET",route="%s",status="%d"} 1.0'
    assert told.headers["Content-Type"].startswith("text/plain")
    assert counted % ("/api/v1/workspaces/{slug}", 200) in told.text
    assert counted % ("/api/v1/workspaces/{slug}", 404) in told.text
    assert counted % ("none", 404) in told.text
    assert "ann" not in told.text
    assert 'maverick_batches{state="failed"} 0.0' in told.text


@pytest.mark.parametrize("through", [{"X_Forwarded_For": "203.0.113.7"}, {"Forwarded": "for=x"}])
def test_metrics_ask_who_comes_through_a_proxy_for_a_key(
    house: House, through: dict[str, str]
) -> None:
    """A proxy on this machine makes strangers look local."""
    assert house.ask("GET", "/metrics", key=None, **through).status_code == 401
    assert house.ask("GET", "/metrics", key=house.key(), **through).status_code == 200
    client = house.key(Role.VIEWER, house.workspace().slug)
    assert house.ask("GET", "/metrics", key=client, **through).status_code == 403


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"X_Request_Id": "request-0001"}, "request-0001"),
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        (
            {"X_Request_Id": "own-0001", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
            "own-0001",
        ),
        ({"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"}, None),
        ({"X_Request_Id": "short"}, None),
        ({"X_Request_Id": "x" * 65}, None),
        ({"X_Request_Id": "white space"}, None),
        ({}, None),
    ],
)
def test_a_request_has_one_id_everywhere(
    house: House, headers: dict[str, str], request_id: str | None
) -> None:
    """Its own where that is a good one: in the answer, in the problem, in the log."""
    with capture_logs() as logs:
        refused = house.ask("GET", "/api/v1/workspaces/nobody", **headers)

    given = refused.headers["X-Request-Id"]
    assert refused.json["instance"] == given
    assert [line["request_id"] for line in logs if line["event"] == "request"] == [given]
    assert request_id in {None, given}
    assert request_id is not None or len(given) == 32


def test_a_line_of_the_log_says_what_went_on_and_nothing_private(house: House) -> None:
    """The route, not the address; the key's name, not the key; no value of a query."""
    house.workspace()
    with capture_logs() as logs:
        house.ask("GET", "/api/v1/jobs?queue=zzsecretzz")
        house.ask("GET", "/api/v1/workspaces/zzsecretzz")

    seen = [(line["route"], line["status"], line["key"], line["code"]) for line in logs]
    assert seen == [
        ("/api/v1/jobs", 200, "admin-all", None),
        ("/api/v1/workspaces/{slug}", 404, "admin-all", "workspace_missing"),
    ]
    assert "zzsecretzz" not in str(logs)
    assert house.key() not in str(logs)
