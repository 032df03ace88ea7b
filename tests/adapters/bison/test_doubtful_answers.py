"""Good statuses that say nothing good: the leads are in doubt, and asked for again."""

from __future__ import annotations

import pytest

from contracts.bison.stub import Fault
from maverick_core.pipeline.upload.answers import Accepted, Lost
from tests.adapters.bison.scene import UPSERT, Scene, lead, leads, reply


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"null",
        b"[]",
        b'{"data":null}',
        b'{"data":{}}',
        b'{"data":[{"id":1}]}',
        b'{"data":[{"id":"1","email":"ann@agency.example"}]}',
        b'{"data":[{"id":true,"email":"ann@agency.example"}]}',
        b'{"data":[{"id":0,"email":"ann@agency.example"}]}',
        b'{"data":[{"id":9223372036854775808,"email":"ann@agency.example"}]}',
        b'{"data":[{"id":1,"email":null}]}',
        b'{"data":[{"id":1,"email":"\xff"}]}',
        b'{"data":[{"id":1,"email":"ann@agency.example"}]',
        b"[" * 100_000,
        b'{"data":[{"id":1,"email":"x","deep":' + b"[" * 100_000,
    ],
)
def test_a_good_status_with_nonsense_is_a_lost_answer(scene: Scene, body: bytes) -> None:
    """Unknown, never rejected and never accepted."""
    scene.wire.answer(UPSERT, reply(201, body))

    assert scene.sink.push([lead()]) == Lost("Email Bison's answer does not make sense.")


@pytest.mark.parametrize("applied", [True, False])
def test_ok_that_says_it_failed_leaves_the_leads_in_doubt(scene: Scene, *, applied: bool) -> None:
    """A push answered so was never recorded; whether it took anything is open, so ask again."""
    scene.stub.script(
        Fault("success_false", path=UPSERT, applied=applied, message="Busy.", times=1)
    )

    first = scene.sink.push([lead()])
    second = scene.sink.push([lead()])

    assert first == Lost("Email Bison answered OK but says that it failed: Busy.")
    assert isinstance(second, Accepted)


def test_an_answer_about_somebody_else_is_a_lost_answer(scene: Scene) -> None:
    """It cannot be about this request."""
    rows = [{"id": 1, "email": "stranger@agency.example"}, {"id": 2, "email": lead("ann").email}]
    scene.wire.answer(UPSERT, reply(201, {"data": rows}))

    answer = scene.sink.push(leads("ann", "bob"))

    assert isinstance(answer, Lost)
    assert "not sent" in answer.detail


def test_more_rows_than_were_asked_for_do_no_harm(scene: Scene) -> None:
    """Every lead that was sent has its row."""
    rows = [{"id": 1, "email": "stranger@agency.example"}, {"id": 2, "email": "ANN@Agency.Example"}]
    scene.wire.answer(UPSERT, reply(201, {"data": rows}))

    assert scene.sink.push([lead("ann")]) == Accepted([2])
