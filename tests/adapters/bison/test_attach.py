"""Attaching to a campaign, and finding out what became of it."""

from __future__ import annotations

import httpx
import pytest

from contracts.bison.stub import Fault, Switches
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    Accepted,
    AttachAnswer,
    Attached,
    Limited,
    Lost,
    Misconfigured,
    Refused,
    Unauthorised,
    Unavailable,
)
from tests.adapters.bison.scene import UPSERT, Scene, lead, leads, reply

PEOPLE = leads("ann", "bob", "cat")
DONE = {"data": {"success": True, "message": "Leads successfully added."}}


def pushed(scene: Scene, people: list[Lead] = PEOPLE) -> list[int]:
    answer = scene.sink.push(people)
    assert isinstance(answer, Accepted)
    return [lead_id for lead_id in answer.lead_ids if lead_id is not None]


def attach(scene: Scene, people: list[Lead] = PEOPLE) -> AttachAnswer:
    return scene.sink.attach(scene.campaign, people, pushed(scene, people))


def test_the_ids_are_sent_and_nothing_else(scene: Scene) -> None:
    """A lead may be in one running sequence only, unless asked otherwise: it is not."""
    ids = pushed(scene)

    scene.sink.attach(scene.campaign, PEOPLE, tuple(ids))

    (sent,) = scene.wire.to(scene.attach_path)
    assert sent.body == {"lead_ids": ids}


def test_the_confirmation_changes_nothing(scene: Scene) -> None:
    """It patches what identifies a lead, and so cannot wipe or overwrite the rest."""
    ann = lead("ann", last_name="Lee", company="Lee", variables='{"city":"x"}')

    attach(scene, [ann])

    assert scene.wire.to(UPSERT)[-1].body == {
        "existing_lead_behavior": "patch",
        "leads": [{"email": ann.email, "first_name": "Ann", "last_name": "Lee"}],
    }
    held = scene.stub.lead("acme", ann.email)
    assert held is not None
    assert held["company"] == "Lee"
    assert held["custom_variables"] == [{"name": "city", "value": "x"}]


def test_without_confirmation_the_answer_is_believed() -> None:
    """A setting: it saves a request a chunk, and what was left out is not known."""
    with Scene(Switches(mixed_attach="drop"), confirm_attach=False) as scene:
        scene.stub.script(Fault("refuse_attach", emails=frozenset({PEOPLE[1].email})))

        assert attach(scene) == Attached()
        assert len(scene.wire.to(UPSERT)) == 1


def test_an_attach_of_nobody_asks_nobody(scene: Scene) -> None:
    """The API refuses an empty list."""
    assert scene.sink.attach(scene.campaign, [], []) == Attached()
    assert scene.wire.to(scene.attach_path) == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"success": False, "message": "Not now."}},
        {"success": False, "message": "Not now."},
    ],
)
def test_ok_that_says_it_failed_is_a_refusal(scene: Scene, body: object) -> None:
    """So do the API's other campaign routes mean it; attaching twice does no harm."""
    scene.wire.answer(scene.attach_path, reply(200, body))

    assert attach(scene) == Refused("Not now.")


@pytest.mark.parametrize(
    ("body", "shown"),
    [(DONE, True), ({"success": True}, True), ({"data": []}, False), (b"{", False), (b"", False)],
)
def test_success_is_what_says_so_in_either_envelope(
    scene: Scene, body: object, *, shown: bool
) -> None:
    """Anything else with a good status is a lost answer."""
    scene.wire.answer(scene.attach_path, reply(200, body))

    assert isinstance(attach(scene), Attached if shown else Lost)


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        (reply(401), Unauthorised),
        (reply(403), Unauthorised),
        (reply(429), Limited),
        (reply(500), Unavailable),
        (httpx.ReadTimeout("x"), Lost),
        (reply(422, {"data": {"success": False, "message": "No leads were added."}}), Refused),
        (reply(400, b""), Refused),
        (reply(405, b""), Misconfigured),
    ],
)
def test_trouble_means_what_it_means_for_a_push(
    scene: Scene, met: httpx.Response | Exception, expected: type[object]
) -> None:
    """One table for all routes."""
    scene.wire.answer(scene.attach_path, met)

    assert isinstance(attach(scene), expected)


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        (reply(429, {"retry_after": 2}), Limited(2.0)),
        (reply(500), Unavailable("Email Bison answered 500.")),
        (reply(201, b"{"), Lost("Email Bison's answer does not make sense.")),
        (reply(422, {"message": "No."}), Attached()),
    ],
)
def test_trouble_with_the_confirmation_asks_for_another_try(
    scene: Scene, met: httpx.Response, expected: object
) -> None:
    """Attaching again changes nothing. Only a question that is refused is not asked again."""
    ids = pushed(scene)
    scene.wire.answer(UPSERT, met)

    assert scene.sink.attach(scene.campaign, PEOPLE, ids) == expected
    assert scene.sink.attach(scene.campaign, PEOPLE, ids) == Attached([])


@pytest.mark.parametrize("body", [None, {"message": "Not Found"}])
def test_a_campaign_that_is_gone_is_called_so(scene: Scene, body: object) -> None:
    """In the API's words, and in anybody's."""
    ids = pushed(scene)
    if body:
        scene.wire.answer("/api/campaigns/999/leads/attach-leads", reply(404, body))

    answer = scene.sink.attach(999, PEOPLE, ids)

    assert isinstance(answer, Misconfigured)
    assert answer.code == "campaign_missing"


def test_a_lead_id_that_is_not_known_is_named(scene: Scene) -> None:
    """Somebody deleted the lead in Email Bison meanwhile."""
    ids = pushed(scene)

    answer = scene.sink.attach(scene.campaign, PEOPLE, [ids[0], 1, ids[2]])

    assert isinstance(answer, Refused)
    assert answer.rows == {1: "The selected lead id is invalid."}


def test_an_instance_that_shows_no_campaigns_is_believed(scene: Scene) -> None:
    """The specification has an empty list there; it proves nothing about anybody."""
    ids = pushed(scene)
    rows = [{"id": 1, "email": person.email, "lead_campaign_data": []} for person in PEOPLE]
    scene.wire.answer(UPSERT, reply(201, {"data": rows}))

    assert scene.sink.attach(scene.campaign, PEOPLE, ids) == Attached()


def test_memberships_are_read_in_every_shape(scene: Scene) -> None:
    """A list live, an object in the specification, nothing at all in between."""
    here, elsewhere = {"campaign_id": scene.campaign}, {"campaign_id": 10**6}
    shapes: list[object] = [[elsewhere, here], here, [elsewhere], elsewhere, [], None]
    people = [lead(f"p{number}") for number in range(len(shapes) + 1)]
    ids = pushed(scene, people)
    rows = [
        {"id": 1, "email": person.email.upper(), "lead_campaign_data": shape}
        for person, shape in zip(people, shapes, strict=False)
    ]
    scene.wire.answer(UPSERT, reply(201, {"data": rows}))

    answer = scene.sink.attach(scene.campaign, people, ids)

    # The last one is not in the answer at all, so nothing is known against it.
    assert answer == Attached([2, 3, 4, 5])
