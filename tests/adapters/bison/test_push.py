"""What is said to Email Bison of a chunk of leads, to the letter."""

from __future__ import annotations

import pytest

from contracts.bison.stub import Fault, Switches
from maverick_core.pipeline.upload.answers import Accepted, Misconfigured, Refused
from tests.adapters.bison.scene import CREATE, TOKEN, UPSERT, VARIABLES, Scene, lead, leads


def test_only_what_is_known_of_a_lead_is_sent(scene: Scene) -> None:
    """Under patch an omitted field is kept; an empty one, or ``[]``, would clear it."""
    whole = lead(
        "ann",
        last_name="Lee",
        title="Owner",
        company="Lee & Söhne",
        notes="line\nline",
        variables='{"City":"Springfield","STATE":"IL","empty":""}',
    )
    bare = lead("bob", last_name="", title="", company="", notes="", variables="{}")

    scene.sink.push([whole, bare])

    (sent,) = scene.wire.to(UPSERT)
    assert sent.method == "POST"
    assert sent.body == {
        "existing_lead_behavior": "patch",
        "leads": [
            {
                "email": "ann@agency.example",
                "first_name": "Ann",
                "last_name": "Lee",
                "title": "Owner",
                "company": "Lee & Söhne",
                "notes": "line\nline",
                "custom_variables": [
                    {"name": "city", "value": "Springfield"},
                    {"name": "state", "value": "IL"},
                ],
            },
            {"email": "bob@agency.example", "first_name": "Bob"},
        ],
    }


def test_the_headers_say_json_and_carry_the_token_alone(scene: Scene) -> None:
    """Without ``Accept`` Laravel answers with pages; the token goes nowhere but here."""
    scene.sink.push([lead()])

    for sent in scene.wire.sent:
        assert sent.headers["authorization"] == f"Bearer {TOKEN}"
        assert sent.headers["accept"] == "application/json"
        assert sent.headers["content-type"] == "application/json"
        assert TOKEN not in sent.path


def test_a_second_push_keeps_what_it_does_not_mention(scene: Scene) -> None:
    """The reason for patch: an upsert wipes by default."""
    scene.sink.push([lead("ann", company="Lee", variables='{"city":"Springfield"}')])

    scene.sink.push([lead("ann", title="Owner")])

    held = scene.stub.lead("acme", lead("ann").email)
    assert held is not None
    assert (held["company"], held["title"]) == ("Lee", "Owner")
    assert held["custom_variables"] == [{"name": "city", "value": "Springfield"}]


def test_names_that_differ_in_case_only_are_one_variable(scene: Scene) -> None:
    """The API keeps names in lower case; of two values the later stands."""
    scene.sink.push([lead("ann", variables='{"City":"a","city":"b"}')])

    assert [sent.body for sent in scene.wire.to(VARIABLES) if sent.body] == [{"name": "city"}]
    held = scene.stub.lead("acme", lead("ann").email)
    assert held is not None
    assert held["custom_variables"] == [{"name": "city", "value": "b"}]


def test_rows_are_matched_by_address_whatever_its_case(scene: Scene) -> None:
    """An address that the instance knows in another spelling is the same lead."""
    scene.sink.push([lead("ann", email="Ann@Agency.Example")])

    answer = scene.sink.push([lead("bob"), lead("ann")])

    assert isinstance(answer, Accepted)
    assert None not in answer.lead_ids


def test_more_than_five_hundred_are_not_sent(scene: Scene) -> None:
    """Some instances take the first 500 of them and do not mention the others."""
    answer = scene.sink.push([lead(f"p{number}") for number in range(501)])

    assert isinstance(answer, Misconfigured)
    assert answer.code == "too_many_leads"
    assert scene.wire.to(UPSERT) == []


def test_the_create_only_route_updates_nobody() -> None:
    """One lead that exists refuses all; the row is named, so the machine takes it out."""
    with Scene(create_only=True) as scene:
        first = scene.sink.push(leads("ann", "bob"))
        second = scene.sink.push(leads("cat", "ann", "bob"))

        assert isinstance(first, Accepted)
        assert isinstance(second, Refused)
        assert second.rows == {1: "The email has already been taken."}
        assert [sent.body.keys() for sent in scene.wire.to(CREATE)] == [{"leads"}, {"leads"}]
        assert scene.wire.to(UPSERT) == []


def test_the_create_only_route_may_leave_its_rows_unnamed() -> None:
    """Then the machine finds them by halves, and all it needs is one reason for all."""
    with Scene(Switches(taken_wrapper="business"), create_only=True) as scene:
        scene.sink.push(leads("ann"))

        together = scene.sink.push(leads("bob", "ann"))
        alone = scene.sink.push(leads("ann"))

        assert together == alone == Refused("The email has already been taken.")


@pytest.mark.parametrize("skipped", [1, 5, 25])
def test_what_an_answer_leaves_out_is_accounted_for(scene: Scene, skipped: int) -> None:
    """As many ids as leads; those without are exactly the ones that the stub does not hold."""
    people = [lead(f"p{number}") for number in range(100)]
    quiet = frozenset(person.email for person in people[:: 100 // skipped])
    scene.stub.script(Fault("skip_rows", emails=quiet))

    answer = scene.sink.push(people)

    assert isinstance(answer, Accepted)
    without = {
        person.email
        for person, lead_id in zip(people, answer.lead_ids, strict=True)
        if lead_id is None
    }
    assert without == quiet
    assert scene.stub.held("acme") == {person.email for person in people} - quiet
