"""Scripted faults in process: what the client sees, and what the stub holds afterwards."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contracts.bison.asking import (
    ACME,
    OTHER,
    client,
    emails,
    ids,
    open_stub,
    people,
    person,
    upsert,
)
from contracts.bison.stub import AnswerDropped, BisonStub, Fault, Switches

UPLOADS = "/api/leads/*"


def statuses(ask: Callable[[], httpx.Response], count: int) -> list[int]:
    """Ask so many times; 0 stands for a dropped answer."""
    seen = []
    for _ in range(count):
        try:
            seen.append(ask().status_code)
        except AnswerDropped:
            seen.append(0)
    return seen


def test_an_answer_dropped_after_acceptance_leaves_the_leads_uploaded() -> None:
    """The client knows nothing; sending the same again settles it and holds no lead twice."""
    stub = open_stub()
    asking = client(stub)
    stub.script(Fault("drop_after", path=UPLOADS, times=1))

    with pytest.raises(AnswerDropped):
        upsert(asking, *people(2))
    held = stub.held("Acme")
    settled = upsert(asking, *people(2))

    assert held == {"p0@agency.example", "p1@agency.example"}
    assert settled.status_code == 201
    assert stub.held("Acme") == held
    assert stub.pushes == dict.fromkeys(held, 2)


def test_a_request_dropped_before_acceptance_leaves_nothing() -> None:
    """For the client it looks the same."""
    stub = open_stub()
    stub.script(Fault("drop_before", path=UPLOADS))

    with pytest.raises(AnswerDropped):
        upsert(client(stub), *people(2))

    assert stub.held("Acme") == set()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("applied", [False, True])
def test_a_server_error_may_come_with_or_without_effect(status: int, applied: bool) -> None:  # noqa: FBT001 - a case
    """A gateway that gave up says nothing about what stands behind it."""
    stub = open_stub()
    stub.script(Fault("status", status=status, applied=applied))

    answer = upsert(client(stub), person())

    assert answer.status_code == status
    assert answer.json()["message"] == "Server Error"
    assert stub.held_count("Acme") == int(applied)


@pytest.mark.parametrize(
    ("fault", "header", "body"),
    [
        (Fault("rate_limited", retry_after=8), "8", 8),
        (Fault("rate_limited", retry_after=8, in_body=False), "8", None),
        (Fault("rate_limited", retry_after=8, in_header=False), None, 8),
        (Fault("rate_limited"), None, None),
    ],
)
def test_429_says_how_long_in_the_header_the_body_both_or_nowhere(
    fault: Fault,
    header: str | None,
    body: int | None,
) -> None:
    """The header names of the live API were not recorded."""
    stub = open_stub()
    stub.script(fault)

    answer = upsert(client(stub), person())

    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == header
    assert answer.json()["error"] == "rate_limited"
    assert answer.json().get("retry_after") == body
    assert stub.held_count("Acme") == 0


def test_a_token_that_expires_in_mid_run_is_good_again_once_replaced() -> None:
    """From the third request on every one is 401, until the workspace has a new token."""
    stub = open_stub()
    asking = client(stub)
    stub.script(Fault("expire_token", token=ACME, nth=3))

    seen = statuses(lambda: upsert(asking, person()), 4)
    stub.replace_token("Acme", "8|fresh")

    assert seen == [201, 201, 401, 401]
    assert upsert(client(stub, "8|fresh"), person()).status_code == 201
    assert upsert(client(stub, OTHER), person()).status_code == 201


def test_forbidden_is_what_another_workspaces_record_is() -> None:
    """403 with the recorded body."""
    stub = open_stub()
    stub.script(Fault("forbidden"))

    answer = upsert(client(stub), person())

    assert answer.status_code == 403
    assert "does not match the workspace" in answer.json()["data"]["message"]


def test_truncated_json_comes_with_a_good_status() -> None:
    """The leads are uploaded, the answer does not say which."""
    stub = open_stub()
    stub.script(Fault("truncate"))

    answer = upsert(client(stub), person())

    assert answer.status_code == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert stub.held_count("Acme") == 1


def test_200_may_mean_failure() -> None:
    """``data.success`` is false: check it after the status."""
    stub = open_stub()
    stub.script(Fault("success_false", message="Not today."))

    answer = upsert(client(stub), person())

    assert answer.status_code == 200
    assert answer.json()["data"] == {"success": False, "message": "Not today."}
    assert stub.held_count("Acme") == 0


def test_a_gateway_answers_in_html() -> None:
    """502 with a page instead of JSON; another status if asked for."""
    stub = open_stub()
    stub.script(Fault("html", times=1))
    stub.script(Fault("html", gateway=200))

    first, second = (upsert(client(stub), person()) for _ in range(2))

    assert (first.status_code, second.status_code) == (502, 200)
    assert first.headers["Content-Type"] == "text/html"
    assert first.text.startswith("<html>")


def test_a_late_request_arrives_after_later_ones() -> None:
    """The client has long given up, and even sent it again."""
    stub = open_stub()
    asking = client(stub)
    stub.script(Fault("late", path=UPLOADS, times=1, after_requests=2))

    with pytest.raises(AnswerDropped):
        upsert(asking, person(company="old"), behavior="put")
    upsert(asking, person(company="new"), behavior="put")
    before = stub.lead("Acme", "ann@agency.example")
    asking.get("/api/users")
    after = stub.lead("Acme", "ann@agency.example")

    assert before is not None
    assert after is not None
    assert (before["company"], after["company"]) == ("new", "old")


def test_a_late_request_may_be_answered_by_the_gateway_and_be_delivered_by_hand() -> None:
    """504 now, the effect at the end of the test."""
    stub = open_stub()
    stub.script(Fault("late", gateway=504, after_requests=1000))

    answer = upsert(client(stub), person())
    held = stub.held_count("Acme")
    delivered = stub.deliver_late()

    assert (answer.status_code, held, delivered) == (504, 0, 1)
    assert stub.held_count("Acme") == 1
    assert stub.deliver_late() == 0


def test_skipped_rows_are_left_out_of_a_good_answer() -> None:
    """As personal domains are, whatever the domain."""
    stub = open_stub()
    stub.script(Fault("skip_rows", emails=frozenset({"P1@agency.example"})))

    answer = upsert(client(stub), *people(3))

    assert answer.status_code == 201
    assert emails(answer) == ["p0@agency.example", "p2@agency.example"]
    assert stub.held("Acme") == {"p0@agency.example", "p2@agency.example"}


@pytest.mark.parametrize(
    ("rows", "paths"),
    [("indexed", ["leads.0.email", "leads.2.email"]), ("unindexed", ["leads"])],
)
def test_refused_rows_refuse_the_chunk(rows: Any, paths: list[str]) -> None:
    """Faults that meet the same request join: both addresses are named."""
    stub = open_stub(Switches(invalid_rows=rows))
    stub.script(Fault("refuse_rows", emails=frozenset({"p0@agency.example"})))
    stub.script(Fault("refuse_rows", emails=frozenset({"p2@agency.example"}), message="No."))

    answer = upsert(client(stub), *people(3))

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == paths
    assert stub.held("Acme") == set()


def test_a_custom_variable_may_go_missing() -> None:
    """Somebody renamed it in the application."""
    stub = open_stub()
    stub.script(Fault("missing_variable", variable="renewal", times=1))

    first, second = (upsert(client(stub), person()) for _ in range(2))

    assert (first.status_code, second.status_code) == (422, 201)
    assert "named renewal" in first.json()["data"]["message"]


@pytest.mark.parametrize(
    ("named", "mixed", "status", "added"),
    [
        (frozenset(), "drop", 422, 0),
        (frozenset({"p0@agency.example"}), "drop", 200, 1),
        (frozenset({"p0@agency.example"}), "refuse", 422, 0),
    ],
)
def test_attaching_may_be_refused(
    named: frozenset[str],
    mixed: Any,
    status: int,
    added: int,
) -> None:
    """All ids, or the leads named; only requests that attach are met."""
    stub = open_stub(Switches(mixed_attach=mixed))
    asking = client(stub)
    campaign = stub.add_campaign("Acme", "Spring")
    stub.script(Fault("refuse_attach", emails=named))

    uploaded = upsert(asking, *people(2))
    body = {"lead_ids": ids(uploaded)}
    answer = asking.post(f"/api/campaigns/{campaign}/leads/attach-leads", json=body)

    assert uploaded.status_code == 201
    assert answer.status_code == status
    assert len(stub.held_in_campaign(campaign)) == added


@pytest.mark.parametrize("does", ["latency", "slow"])
def test_waits_add_up(does: Any) -> None:
    """In process the wait is whatever ``sleep`` the stub was given."""
    waited: list[float] = []
    stub = open_stub(sleep=waited.append)
    stub.script(Fault(does, seconds=0.2))
    stub.script(Fault(does, seconds=0.3, path="/api/users"))

    client(stub).get("/api/users")
    client(stub).get("/api/campaigns")

    assert waited == [0.2, 0.3, 0.2]


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ({"method": "GET"}, [500, 201, 201]),
        ({"path": "/api/leads/*"}, [200, 500, 500]),
        ({"token": OTHER}, [200, 201, 201]),
        ({"containing": "B@agency.example"}, [200, 201, 500]),
        ({"nth": 2}, [200, 500, 500]),
        ({"times": 1}, [500, 201, 201]),
        ({"path": "/api/leads/*", "nth": 2}, [200, 201, 500]),
        ({"probability": 0.0}, [200, 201, 201]),
    ],
)
def test_a_fault_meets_the_requests_that_fulfil_its_conditions(
    conditions: dict[str, Any],
    met: list[int],
) -> None:
    """``nth`` counts those that fulfil the others, from the scripting on."""
    stub = open_stub()
    asking = client(stub)
    stub.script(Fault("status", **conditions))

    answers = [
        asking.get("/api/users"),
        upsert(asking, person("a@agency.example")),
        upsert(asking, person("b@agency.example"), person("c@agency.example")),
    ]

    assert [answer.status_code for answer in answers] == met


def test_the_same_seed_draws_the_same_faults() -> None:
    """Runs with a probability repeat exactly; another seed is another run."""

    def drawn(seed: int) -> list[int]:
        stub = open_stub(seed=seed)
        stub.script(Fault("drop_before", probability=0.5))
        asking = client(stub)
        return statuses(lambda: asking.get("/api/users"), 40)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 5 < drawn(1).count(0) < 35


def test_the_first_scripted_fault_decides_the_answer() -> None:
    """And the next takes over when it is lifted or used up."""
    stub = open_stub()
    asking = client(stub)
    first = stub.script(Fault("status", status=503))
    stub.script(Fault("status", status=502, nth=2))

    before = asking.get("/api/users").status_code
    stub.lift(first)
    after = asking.get("/api/users").status_code
    stub.clear_faults()

    assert (before, after) == (503, 502)
    assert asking.get("/api/users").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"does": "explode"}, {"does": "status", "nth": 0}, {"does": "late", "after_requests": 0}],
)
def test_a_script_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """When it is written, not when it fails to happen."""
    with pytest.raises(ValueError, match=r"fault|count from 1"):
        Fault(**wrong)


def test_each_token_has_so_many_requests_a_minute() -> None:
    """429 says when the window ends; other tokens are not concerned."""
    now = 100.0
    stub = open_stub(requests_per_minute=2, monotonic=lambda: now)
    asking = client(stub)

    taken = statuses(lambda: asking.get("/api/users"), 2)
    now += 12.5
    limited = asking.get("/api/users")
    other = client(stub, OTHER).get("/api/users")
    now += 47.5
    again = statuses(lambda: asking.get("/api/users"), 3)

    assert taken == [200, 200]
    assert limited.status_code == 429
    assert limited.headers["Retry-After"] == "48"
    assert other.status_code == 200
    assert again == [200, 200, 429]


def test_every_fault_can_be_written_as_json_and_read_back() -> None:
    """So that a test can script a stub in another process."""
    fault = Fault("refuse_rows", emails=frozenset({"a@agency.example"}), nth=3, message="No.")

    assert Fault.from_json(fault.as_json()) == fault
    with pytest.raises(ValueError, match="seconds_"):
        Fault.from_json({"does": "slow", "seconds_": 1})


def test_faults_are_listed_with_what_they_met() -> None:
    """A fault that met nothing is a test that tested nothing."""
    stub = open_stub()
    number = stub.script(Fault("slow", path="/api/users"))
    stub.script(Fault("slow", path="/api/campaigns"))

    client(stub).get("/api/users")

    assert [(at, met) for at, _, met in stub.faults()] == [(number, 1), (number + 1, 0)]


def test_a_stub_without_faults_never_reads_ahead() -> None:
    """The control of the other tests: nothing above happens by itself."""
    stub: BisonStub = open_stub()

    assert statuses(lambda: upsert(client(stub), person()), 3) == [201] * 3
