"""A token and a person are in the request, and nowhere else."""

from __future__ import annotations

import logging
import traceback
from contextlib import closing

import httpx
import pytest

from contracts.bison.stub import Fault, serve
from maverick_adapters.bison import HttpBison
from maverick_core.kernel.errors import MaverickError
from tests.adapters.bison.scene import TOKEN, UPSERT, USERS, VARIABLES, Scene, lead, reply

CANARIES = [TOKEN, "AbCdEfGhIjKl", "canary", "agency.example", "%7CAbCd"]
BIRD = lead("canary", last_name="Canary", company="Canary", variables='{"note":"canary"}')
ECHO = f"{BIRD.email} with {TOKEN} is refused"
ERRORS = {"leads.0.email": [ECHO]}


def assert_silent(*texts: object) -> None:
    """Look for every canary, as it is and as it could be written."""
    for text in texts:
        for canary in CANARIES:
            assert canary.lower() not in str(text).lower()
            assert canary.lower() not in repr(text).lower()


@pytest.mark.parametrize(
    "met",
    [
        *[
            reply(status, body)
            for status in (200, 201, 400, 401, 403, 404, 405, 413, 418, 422, 429, 500)
            for body in (
                {"message": ECHO, "errors": ERRORS},
                {"data": {"success": False, "message": ECHO}},
                ECHO.encode(),
                {"data": [{"id": ECHO, "email": BIRD.email}]},
            )
        ],
        reply(302, ECHO.encode(), location=f"https://elsewhere.example/{TOKEN}?{BIRD.email}"),
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
        httpx.ConnectError(ECHO),
        httpx.ReadError(ECHO),
    ],
)
def test_no_answer_repeats_what_is_echoed(
    scene: Scene, met: httpx.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """At whichever question, in whatever shape."""
    caplog.set_level(logging.DEBUG)
    scene.stub.store.add_variable(scene.stub.store.workspace("acme"), "note")
    for path in (USERS, VARIABLES, UPSERT, scene.attach_path):
        scene.wire.answer(path, met)
        assert_silent(scene.sink.push([BIRD]), scene.sink.attach(scene.campaign, [BIRD], [1]))

    assert_silent(scene.bison, scene.sink, caplog.text)


@pytest.mark.parametrize(
    "met",
    [
        reply(401, {"message": ECHO}),
        reply(500, ECHO.encode()),
        reply(200, {"data": {"workspace": {"id": ECHO}}}),
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
    ],
)
def test_no_exception_repeats_what_is_echoed(scene: Scene, met: httpx.Response | Exception) -> None:
    """Nor does what it was raised from."""
    scene.wire.answer(USERS, met)

    with pytest.raises(MaverickError) as raised:
        scene.bison.identify(TOKEN)

    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert_silent(error, error.remedy, "".join(traceback.format_exception_only(error)))


def test_nothing_is_logged_of_a_real_upload(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not by us and not by the libraries, at the most talkative level there is."""
    caplog.set_level(1)
    with serve(scene.stub) as server, closing(HttpBison(server.url, scene.store)) as bison:
        sink = bison.sink(scene.workspace)
        for does in ("latency", "drop_after", "truncate", "html", "success_false", "expire_token"):
            sink.push([BIRD])
            scene.stub.script(Fault(does, path="/api/leads/*", times=1))
            answer = sink.push([BIRD])
            assert_silent(answer)
    output = capfd.readouterr()

    assert "send_request_headers" in caplog.text  # the libraries did talk
    assert_silent(caplog.text, output.out, output.err)
