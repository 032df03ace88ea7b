"""Every way of not answering means one thing for the leads (``bison-api.md``, section 5)."""

from __future__ import annotations

import ssl

import httpx
import pytest

from contracts.bison.stub import Fault
from maverick_core.pipeline.upload.answers import (
    Limited,
    Lost,
    Misconfigured,
    Refused,
    Unauthorised,
    Unavailable,
)
from tests.adapters.bison.scene import UPSERT, Scene, lead, leads, reply

WRONG = {"data": {"success": False, "message": "This action is unauthorized."}}


def said(message: str) -> object:
    return {"data": {"success": False, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"message": "Unauthenticated."}, "token_refused"),
        (401, said("Unauthenticated."), "token_refused"),
        (401, b"<html>", "token_refused"),
        (403, WRONG, "wrong_workspace"),
        (403, b"", "wrong_workspace"),
    ],
)
def test_a_token_that_is_not_let_in_is_told_apart_by_status_alone(
    scene: Scene, status: int, body: object, code: str
) -> None:
    """Nobody has recorded the body of a 401, so nothing is read from it."""
    scene.wire.answer(UPSERT, reply(status, body))

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Unauthorised)
    assert answer.code == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, {"data": {"message": "The route x could not be found."}}, "endpoint_missing"),
        (404, b"nothing here", "endpoint_missing"),
        (405, {"message": "The POST method is not supported."}, "endpoint_missing"),
        (301, b"", "endpoint_moved"),
        (302, b"<a href=/login>", "endpoint_moved"),
        (410, None, "unexpected_answer"),
        (451, b"\xff", "unexpected_answer"),
        (
            422,
            {
                "message": "The leads field must not have more than 500 items.",
                "errors": {"leads": ["The leads field must not have more than 500 items."]},
            },
            "too_many_leads",
        ),
    ],
)
def test_what_no_second_try_can_cure_says_so(
    scene: Scene, status: int, body: object, code: str
) -> None:
    """The batch fails at once, with a sentence for whoever has to repair the set-up."""
    scene.wire.answer(UPSERT, reply(status, body, location="https://elsewhere.example/"))

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Misconfigured)
    assert answer.code == code
    assert len(scene.wire.to(UPSERT)) == 1


@pytest.mark.parametrize(
    ("body", "detail", "rows"),
    [
        (
            {
                "message": "The leads.1.email field must be valid. (and 1 more error)",
                "errors": {
                    "leads.1.email": ["The leads.1.email field must be valid."],
                    "leads.2.first_name": ["The leads.2.first_name field is required."],
                },
            },
            "The email field must be valid.",
            {1: "The email field must be valid.", 2: "The first_name field is required."},
        ),
        (
            {"message": "Bad.", "errors": {"leads.0.email": "Bad text.", "leads.0.title": ["B"]}},
            "Bad.",
            {0: "Bad text."},
        ),
        ({"message": "The leads field is bad.", "errors": {"leads": ["x"]}}, None, {}),
        ({"message": "m", "errors": {"leads.1": [], "leads.99999.email": ["x"]}}, "m", None),
        (said("No."), "No.", {}),
        ({"success": False, "message": "No."}, "No.", {}),
        ({"error": "bad_request"}, "bad_request", {}),
    ],
)
def test_a_refusal_names_its_rows_in_any_envelope(
    scene: Scene, body: object, detail: str | None, rows: dict[int, str] | None
) -> None:
    """Row numbers are keys, never part of a reason: reasons are compared."""
    scene.wire.answer(UPSERT, reply(422, body))

    answer = scene.sink.push(leads("ann", "bob", "cat"))

    assert isinstance(answer, Refused)
    assert detail in (None, answer.detail)
    assert rows in (None, answer.rows)


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"data":7}', b"<html>"])
def test_a_refusal_without_words_is_still_a_refusal(scene: Scene, status: int, body: bytes) -> None:
    """Its parts are tried, and the status is what there is to say."""
    scene.wire.answer(UPSERT, reply(status, body))

    answer = scene.sink.push([lead()])

    assert answer == Refused(f"Email Bison refused the request ({status}) without a reason.")


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"error": "rate_limited"}, {"retry_after": "8"}, 8.0),
        ({"error": "rate_limited", "retry_after": 9}, {}, 9.0),
        ({"error": "rate_limited", "retry_after": 9}, {"retry_after": "8"}, 8.0),
        ({"error": "rate_limited", "retry_after": 9.5}, {"retry_after": "soon"}, 9.5),
        ({"error": "rate_limited", "retry_after": -1}, {}, None),
        ({"error": "rate_limited", "retry_after": True}, {}, None),
        ({"error": "rate_limited", "retry_after": "9"}, {}, None),
        (b"slow down", {}, None),
        (b"", {"retry_after": "-3"}, None),
        (b"", {"retry_after": "9" * 400}, None),
        (
            b"",
            {
                "retry_after": "Mon, 02 Nov 2026 09:00:30 GMT",
                "date": "Mon, 02 Nov 2026 09:00:00 GMT",
            },
            30.0,
        ),
        (
            b"",
            {
                "retry_after": "Mon, 02 Nov 2026 08:00:00 GMT",
                "date": "Mon, 02 Nov 2026 09:00:00 GMT",
            },
            0.0,
        ),
        (b"", {"retry_after": "Mon, 02 Nov 2026 09:00:30 GMT"}, None),
        (
            b"",
            {"retry_after": "Mon, 02 Nov 2026 09:00:30", "date": "Mon, 02 Nov 2026 09:00:00 GMT"},
            None,
        ),
    ],
)
def test_too_fast_says_when_to_come_back_if_it_was_told(
    scene: Scene, body: object, headers: dict[str, str], seconds: float | None
) -> None:
    """The header in seconds, or as a date by the server's own clock, then the body."""
    scene.wire.answer(UPSERT, reply(429, body, **headers))

    assert scene.sink.push([lead()]) == Limited(seconds)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 524, 599])
def test_a_failing_server_was_reached(scene: Scene, status: int) -> None:
    """It may have taken the leads before it failed."""
    scene.wire.answer(UPSERT, reply(status, b"<html>"))

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Unavailable)
    assert answer.reached


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")],
)
def test_a_server_that_was_not_reached_has_taken_nothing(scene: Scene, error: Exception) -> None:
    """No connection, so no request."""
    scene.wire.answer(UPSERT, error)

    assert scene.sink.push([lead()]) == Unavailable("Email Bison cannot be reached.", reached=False)


def test_a_certificate_that_is_not_trusted_is_called_so(scene: Scene) -> None:
    """Waiting does not cure it, so whoever reads the detail has to know."""
    error = httpx.ConnectError("x")
    error.__cause__ = ssl.SSLCertVerificationError("x")
    scene.wire.answer(UPSERT, error)

    answer = scene.sink.push([lead()])

    assert answer == Unavailable("The certificate of Email Bison is not trusted.", reached=False)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.CloseError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.LocalProtocolError("x"),
        httpx.DecodingError("x"),
        ConnectionResetError("x"),
        TimeoutError("x"),
    ],
)
def test_a_connection_that_breaks_loses_the_answer(scene: Scene, error: Exception) -> None:
    """Nobody knows whether the request arrived, and the error's own words are not repeated."""
    scene.wire.answer(UPSERT, error)

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Lost)
    assert "x" not in answer.detail.split()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("status", status=503), Unavailable),
        (Fault("rate_limited", retry_after=3), Limited),
        (Fault("forbidden"), Unauthorised),
        (Fault("expire_token"), Unauthorised),
        (Fault("drop_before"), Lost),
        (Fault("drop_after"), Lost),
        (Fault("late"), Lost),
        (Fault("truncate"), Lost),
        (Fault("html"), Unavailable),
        (Fault("refuse_rows", emails=frozenset({lead().email})), Refused),
    ],
)
def test_every_fault_of_the_stub_has_its_answer(
    scene: Scene, fault: Fault, expected: type[object]
) -> None:
    """On the push itself, after whose token it is was found out."""
    scene.sink.push([lead("bob")])
    scene.stub.script(fault)

    assert isinstance(scene.sink.push([lead()]), expected)
