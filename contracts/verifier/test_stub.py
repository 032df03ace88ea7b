"""The stub against what providers of bulk verification commonly promise; no adapter comes near."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from contracts.verifier.stub import Fault, VerifierStub, serve


class Caller:
    """Calls a stub behind a socket."""

    def __init__(self, stub: VerifierStub, url: str) -> None:
        self.stub = stub
        self.url = url

    def __call__(
        self,
        method: str,
        path: str,
        *,
        account: str = "vk-stub",
        once: str = "k1",
        emails: list[str] | None = None,
    ) -> httpx.Response:
        """Make a call."""
        headers = {"Authorization": f"Bearer {account}", "Idempotency-Key": once}
        body = None if emails is None else {"emails": emails}
        url = f"{self.url}/v1/{path}"
        return httpx.request(method, url, json=body, headers=headers, trust_env=False)


@pytest.fixture
def now() -> list[float]:
    """Give a clock that stands still."""
    return [0.0]


@pytest.fixture
def call(now: list[float]) -> Iterator[Caller]:
    """Start a stub that works for ten seconds on each question."""
    stub = VerifierStub(credit=5, processing_seconds=10, clock=lambda: now[0], sleep=now.append)
    with serve(stub) as server:
        yield Caller(stub, server.url)


def test_a_question_is_worked_on_and_answered(call: Caller, now: list[float]) -> None:
    """With a result for each mailbox, by its name."""
    emails = ["ann@x.example", "nobody1@x.example", "bob@any.example", "odd@x.example"]
    asked = call("POST", "bulk", emails=emails)
    assert (asked.status_code, asked.json()) == (202, {"id": "job-1"})
    assert call("GET", "bulk/job-1").json() == {"status": "processing", "retry_after": 10.0}
    now[0] = 10.0
    done = call("GET", "bulk/job-1").json()

    assert done["status"] == "done"
    assert [each["email"] for each in done["results"]] == emails
    assert [each["status"] for each in done["results"]] == [
        "valid",
        "invalid",
        "catch_all",
        "purple",
    ]


def test_the_same_key_is_the_same_question(call: Caller) -> None:
    """Paid for once; with other mailboxes it is refused."""
    first, second = (call("POST", "bulk", emails=["a@x.example"]) for _ in range(2))

    assert first.json() == second.json()
    assert call.stub.charged == {"a@x.example": 1}
    assert call("POST", "bulk", emails=["b@x.example"]).status_code == 422
    assert call("POST", "bulk", emails=["a@x.example"], once="k2").json() == {"id": "job-2"}
    assert call.stub.charged == {"a@x.example": 2}


def test_credits_run_out(call: Caller) -> None:
    """A question that is too large is not taken in part."""
    assert call("GET", "account").json() == {"credits": 5}
    assert call("POST", "bulk", emails=["a@x.example"] * 6).status_code == 402
    assert call("POST", "bulk", emails=[f"{n}@x.example" for n in range(5)]).status_code == 202
    assert call("GET", "account").json() == {"credits": 0}


def test_nobody_else_is_answered(call: Caller) -> None:
    """Nor is nonsense."""
    assert call("GET", "account", account="other").status_code == 401
    assert call("GET", "bulk/job-9").status_code == 404
    assert call("POST", "bulk").status_code == 400
    assert call("POST", "bulk", emails=[]).status_code == 413
    assert call("POST", "bulk", emails=["a@x.example"], once="").status_code == 400


def test_faults_meet_the_calls_they_are_scripted_for(call: Caller, now: list[float]) -> None:
    """Each once, in their order."""
    call.stub.script(Fault("status", call="account", status=429, retry_after=7))
    call.stub.script(Fault("drop_before"))
    call.stub.script(Fault("drop_after"))
    call.stub.script(Fault("leave_out", call="answer"))
    limited = call("GET", "account")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    for charged in ({}, {"a@x.example": 1, "b@x.example": 1}):
        with pytest.raises(httpx.RemoteProtocolError):
            call("POST", "bulk", emails=["a@x.example", "b@x.example"])
        assert call.stub.charged == charged

    now[0] = 10.0
    assert len(call("GET", "bulk/job-1").json()["results"]) == 1
    assert len(call("GET", "bulk/job-1").json()["results"]) == 2
    call.stub.script(Fault("forget", call="answer"))
    assert call("GET", "bulk/job-1").status_code == 404
    call.stub.script(Fault("malformed"))
    assert call("POST", "bulk", emails=["c@x.example"]).content.count(b"}") == 0
    call.stub.script(Fault("slow", seconds=3.5))
    call("POST", "bulk", emails=["c@x.example"])
    assert now[-1] == 3.5


def test_a_script_that_could_not_be_is_refused() -> None:
    """Else a test would pass without its fault."""
    with pytest.raises(ValueError, match="unknown fault"):
        Fault("dance")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown call"):
        Fault("status", call="dance")  # type: ignore[arg-type]
