"""Custom variables have to be there before a lead may refer to them."""

from __future__ import annotations

import httpx
import pytest

from contracts.bison.stub import Fault
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Limited,
    Misconfigured,
    Refused,
    Unavailable,
)
from tests.adapters.bison.scene import UPSERT, VARIABLES, Scene, lead, reply

CITY = lead("ann", variables='{"City":"Springfield"}')


def made(scene: Scene) -> list[str]:
    """Return the names that were asked to be made."""
    return [sent.body["name"] for sent in scene.wire.to(VARIABLES) if sent.body]


def looks(scene: Scene) -> int:
    """Count the looks at the list."""
    return sum(sent.body is None for sent in scene.wire.to(VARIABLES))


def test_missing_ones_are_made_once(scene: Scene) -> None:
    """The second push needs no question."""
    first = scene.sink.push([CITY])
    second = scene.bison.sink(scene.workspace).push([CITY])

    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert made(scene) == ["city"]
    assert looks(scene) == 1


def test_leads_without_variables_ask_nothing(scene: Scene) -> None:
    """No request that is not needed."""
    scene.sink.push([lead()])

    assert scene.wire.to(VARIABLES) == []


def test_the_whole_list_is_walked(scene: Scene) -> None:
    """Fifteen a page, whatever is asked for."""
    scene.stub.store.workspace("acme")
    for number in range(31):
        scene.stub.store.add_variable(scene.stub.store.workspace("acme"), f"v{number:02}")

    answer = scene.sink.push([lead("ann", variables='{"V30":"x","v00":"y"}')])

    assert isinstance(answer, Accepted)
    assert looks(scene) == 3
    assert made(scene) == []


def test_one_that_somebody_else_made_meanwhile_is_there(scene: Scene) -> None:
    """422 "already been taken" is what success looks like from the second place."""
    scene.stub.store.add_variable(scene.stub.store.workspace("acme"), "city")
    scene.wire.answer(VARIABLES, reply(200, {"data": [], "meta": {"last_page": 1}}))

    assert isinstance(scene.sink.push([CITY]), Accepted)
    assert made(scene) == ["city"]


def test_one_that_vanished_is_made_again(scene: Scene) -> None:
    """The push says that it is missing: look, make, push once more."""
    scene.sink.push([CITY])
    del scene.stub.store.workspace("acme").variables["city"]

    assert isinstance(scene.sink.push([CITY]), Accepted)
    assert made(scene) == ["city", "city"]


@pytest.mark.parametrize("variables", [None, '{"city":"x"}'])
def test_one_that_stays_missing_is_for_a_person(scene: Scene, variables: str | None) -> None:
    """Two pushes, not more."""
    scene.stub.script(Fault("missing_variable", variable="region"))

    answer = scene.sink.push([lead("ann", variables=variables)])

    assert isinstance(answer, Misconfigured)
    assert answer.code == "custom_variable_missing"
    assert "named region" in answer.detail
    assert len(scene.wire.to(UPSERT)) == 2


def test_a_lead_that_is_refused_otherwise_is_not_pushed_twice(scene: Scene) -> None:
    """Only that one refusal has this cure."""
    scene.stub.refuse(CITY.email)

    assert isinstance(scene.sink.push([CITY]), Refused)
    assert len(scene.wire.to(UPSERT)) == 1


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        (reply(503), Unavailable("Email Bison answered 503.", reached=False)),
        (
            httpx.ReadTimeout("x"),
            Unavailable("No answer came in time.", reached=False),
        ),
        (
            reply(200, {"data": 3}),
            Unavailable("Email Bison's answer does not make sense.", reached=False),
        ),
        (reply(429, {"retry_after": 2}), Limited(2.0)),
        (reply(422, {"message": "No."}), Misconfigured("unexpected_answer", "No.")),
    ],
)
def test_trouble_on_the_way_leaves_no_lead_in_doubt(
    scene: Scene, met: httpx.Response | Exception, expected: object
) -> None:
    """The list was asked for; no lead was sent."""
    scene.wire.answer(VARIABLES, met)

    assert scene.sink.push([CITY]) == expected
    assert scene.wire.to(UPSERT) == []


@pytest.mark.parametrize(
    "answer", [reply(422, {"message": "No room."}), reply(200, {"data": {"success": False}})]
)
def test_one_that_cannot_be_made_is_for_a_person(scene: Scene, answer: httpx.Response) -> None:
    """A limit of the plan, say; the leads are not sent without what they refer to."""
    empty = reply(200, {"data": [], "meta": {"last_page": 1}})
    scene.wire.answer(VARIABLES, empty, answer)

    refused = scene.sink.push([CITY])

    assert isinstance(refused, Misconfigured)
    assert refused.code == "custom_variable_refused"
    assert scene.wire.to(UPSERT) == []


def test_a_list_that_never_ends_is_left_alone(scene: Scene) -> None:
    """An empty page ends it, whatever the numbers say; the push tells what was not seen."""
    endless = {"last_page": 10**9}
    scene.wire.answer(
        VARIABLES,
        reply(200, {"data": [{"name": "city"}], "meta": endless}),
        reply(200, {"data": [], "meta": endless}),
    )

    assert isinstance(scene.sink.push([CITY]), Accepted)
    assert looks(scene) == 3
    assert made(scene) == ["city"]
