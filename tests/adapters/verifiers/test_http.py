"""The HTTP verifier: refusals and nonsense are told apart, and nothing secret is ever told."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import httpx
import pytest

from maverick_adapters.verifiers import HttpVerifier
from maverick_adapters.verifiers.line import MAX_ANSWER_BYTES
from maverick_core.kernel.errors import Rejected, Unauthorised, Unavailable
from maverick_core.pipeline.verification.ports import (
    Asked,
    Declined,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
    Refused,
)
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Trouble

KEY = "vk-secret-canary"
ANN = "ann@canary.example"

Handler = Callable[[httpx.Request], httpx.Response]


def verifier(handler: Handler) -> HttpVerifier:
    return HttpVerifier(
        "https://verify.example", KEY, transport=lambda: httpx.MockTransport(handler)
    )


def saying(status: int, body: object = None, **headers: str) -> HttpVerifier:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return verifier(lambda _: httpx.Response(status, content=content, headers=named))


def breaking(error: Exception) -> HttpVerifier:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return verifier(handler)


def finding(status: str, reason: str | None = None) -> tuple[Verdict, Reason]:
    result = {"email": ANN, "status": status, "reason": reason}
    answer = saying(200, {"status": "done", "results": [result]}).answer("j")
    assert isinstance(answer, Found)
    [found] = answer.findings
    assert found.email == ANN
    return found.verdict, found.reason


def test_a_question_goes_out_with_its_key_and_ours() -> None:
    """And with nothing besides."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json={"id": "job/1"})

    assert verifier(handler).ask("k1", [ANN]) == Asked("job/1")
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://verify.example/v1/bulk")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["idempotency-key"] == "k1"
    assert json.loads(request.content) == {"emails": [ANN]}


def test_a_reference_cannot_lead_elsewhere() -> None:
    """It is a provider's word, and part of an address."""
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(404)

    assert verifier(handler).answer("../../account?x=1#y") == Forgotten()
    assert seen == ["/v1/bulk/..%2F..%2Faccount%3Fx%3D1%23y"]


@pytest.mark.parametrize("id_", ["", "x" * 201, "a\nb"])
def test_a_reference_that_cannot_be_one_is_not_understood(id_: str) -> None:
    """It would be kept, and put into addresses."""
    assert isinstance(saying(202, {"id": id_}).ask("k1", [ANN]), NoAnswer)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (301, "verifier_address_wrong"),
        (401, "verifier_key_refused"),
        (402, "verifier_credits_used_up"),
        (403, "verifier_key_refused"),
        (404, "verifier_address_wrong"),
        (405, "verifier_address_wrong"),
    ],
)
def test_what_is_wrong_with_us_is_declined(status: int, code: str) -> None:
    """No other question would fare better."""
    said = saying(status).ask("k1", [ANN])

    assert isinstance(said, Declined)
    assert said.code == code


@pytest.mark.parametrize("status", [400, 413, 418, 422])
def test_what_is_wrong_with_the_question_is_refused(status: int) -> None:
    """Another one may be answered."""
    assert isinstance(saying(status).ask("k1", [ANN]), Refused)


@pytest.mark.parametrize("status", [404, 410])
def test_a_question_that_is_gone_is_asked_again(status: int) -> None:
    """With its key."""
    assert saying(status).answer("j") == Forgotten()


def test_who_wants_to_be_asked_later_is() -> None:
    """At the time that was asked for."""
    said = saying(429, retry_after="7").ask("k1", [ANN])
    assert isinstance(said, NoAnswer)
    assert (said.trouble, said.retry_after) == (Trouble.LIMITED, 7.0)


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504])
def test_who_does_not_work_now_may_later(status: int) -> None:
    """Nothing is known of the question."""
    said = saying(status).answer("j")

    assert isinstance(said, NoAnswer)
    assert said.trouble is Trouble.UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (httpx.ConnectError("x"), Trouble.UNAVAILABLE),
        (httpx.ConnectTimeout("x"), Trouble.UNAVAILABLE),
        (httpx.ReadTimeout("x"), Trouble.LOST),
        (httpx.RemoteProtocolError("x"), Trouble.LOST),
        (OSError("x"), Trouble.LOST),
    ],
)
def test_silence_is_no_answer(error: Exception, trouble: Trouble) -> None:
    """What was not sent for certain is told from what may have been taken."""
    said = breaking(error).ask("k1", [ANN])

    assert isinstance(said, NoAnswer)
    assert said.trouble is trouble


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"status": "dancing"}',
        b'{"status": "done"}',
        b'{"status": "done", "results": [{}]}',
        b'{"status": "done", "results": [{"email": 1, "status": "valid"}]}',
    ],
)
def test_nonsense_is_no_answer(body: bytes) -> None:
    """And raises nothing."""
    said = saying(200, body).answer("j")

    assert isinstance(said, NoAnswer)
    assert said.trouble is Trouble.LOST


def test_an_answer_that_is_too_large_is_not_read() -> None:
    """It would be held in memory; asked again, it would be no smaller."""
    said = saying(200, b" " * (MAX_ANSWER_BYTES + 1)).answer("j")

    assert isinstance(said, Refused)


def test_it_waits_as_long_as_it_is_told_to() -> None:
    """Or a while of its own."""
    assert saying(200, {"status": "processing", "retry_after": 3}).answer("j") == NotYet(3.0)
    assert saying(200, {"status": "processing"}).answer("j") == NotYet(5.0)


@pytest.mark.parametrize(
    ("status", "reason", "found"),
    [
        ("valid", None, (Verdict.VALID, Reason.MAILBOX_EXISTS)),
        ("Deliverable", "", (Verdict.VALID, Reason.MAILBOX_EXISTS)),
        ("valid", "mailbox_exists", (Verdict.VALID, Reason.MAILBOX_EXISTS)),
        ("invalid", None, (Verdict.INVALID, Reason.NO_SUCH_MAILBOX)),
        ("invalid", "no_such_domain", (Verdict.INVALID, Reason.NO_SUCH_DOMAIN)),
        ("catch-all", None, (Verdict.RISKY, Reason.CATCH_ALL)),
        ("accept all", None, (Verdict.RISKY, Reason.CATCH_ALL)),
        ("risky", "mailbox_full", (Verdict.RISKY, Reason.MAILBOX_FULL)),
        ("role", None, (Verdict.RISKY, Reason.ROLE)),
        ("disposable", None, (Verdict.RISKY, Reason.DISPOSABLE)),
        ("unknown", None, (Verdict.UNKNOWN, Reason.NO_ANSWER)),
        ("timeout", None, (Verdict.UNKNOWN, Reason.NO_ANSWER)),
    ],
)
def test_words_are_understood(status: str, reason: str | None, found: object) -> None:
    """However they are written."""
    assert finding(status, reason) == found


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("purple", None),
        ("", None),
        ("risky", None),
        ("risky", "purple"),
        ("risky", "mailbox_exists"),
        ("valid", "no_such_mailbox"),
        ("valid", "catch_all"),
    ],
)
def test_words_that_are_not_known_are_unknown(status: str, reason: str | None) -> None:
    """Never valid: nobody is written to by a guess."""
    assert finding(status, reason) == (Verdict.UNKNOWN, Reason.NOT_UNDERSTOOD)


def test_findings_are_by_the_one_spelling() -> None:
    """What is no address is left out."""
    results = [
        {"email": " ANN@Canary.example ", "status": "valid"},
        {"email": "nonsense", "status": "valid"},
    ]
    answer = saying(200, {"status": "done", "results": results}).answer("j")

    assert answer == Found([Finding(ANN, Verdict.VALID, Reason.MAILBOX_EXISTS)])


def test_it_introduces_itself() -> None:
    """With what is left on the account."""
    assert saying(200, {"credits": 1_200}).introduce() == "verify.example, 1,200 credits left"
    with pytest.raises(Unauthorised):
        saying(401).introduce()
    with pytest.raises(Unavailable):
        saying(500).introduce()


@pytest.mark.parametrize(
    "url", ["http://verify.example", "ftp://x.example", "https://u:p@verify.example", "nonsense"]
)
def test_the_key_goes_only_where_it_cannot_be_read(url: str) -> None:
    """Else it would travel in the clear."""
    with pytest.raises(Rejected) as caught:
        HttpVerifier(url, KEY)
    assert caught.value.code == "bad_verifier_url"


def test_nothing_secret_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the key nor a mailbox, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    quoting = f"{KEY} {ANN}"
    said = [
        breaking(httpx.ReadError(quoting)).ask("k1", [ANN]),
        saying(500, quoting.encode()).ask("k1", [ANN]),
        saying(422, {"error": quoting}).ask("k1", [ANN]),
        saying(200, quoting.encode()).answer("j"),
    ]

    told = " ".join(map(repr, said)) + caplog.text
    assert "canary" not in told
