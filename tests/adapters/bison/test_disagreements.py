"""Where accounts of the API disagree, an upload ends well whichever of them is right."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from contracts.bison.stub import Switches
from maverick_core.kernel.errors import Unauthorised as TokenRefused
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Attached,
    Misconfigured,
    Refused,
    Unauthorised,
)
from tests.adapters.bison.scene import TOKEN, UPSERT, VARIABLES, Scene, lead, leads, reply


def settings() -> list[tuple[str, Any]]:
    """Return every switch with every setting that it has, also of switches to come."""
    hints = get_type_hints(Switches)
    found: list[tuple[str, Any]] = []
    for field in fields(Switches):
        hint = hints[field.name]
        if get_origin(hint) is Literal:
            found += [(field.name, setting) for setting in get_args(hint)]
        elif hint is bool:
            found += [(field.name, False), (field.name, True)]
    return found


def switched(name: str, setting: Any) -> Switches:
    return replace(Switches(), **{name: setting})


def ids_of(answer: object) -> list[int]:
    assert isinstance(answer, Accepted), answer
    return [lead_id for lead_id in answer.lead_ids if lead_id is not None]


def people() -> list[Lead]:
    """Return complete people with a variable each, of which the workspace has 15 already."""
    return [
        lead(f"p{number}", last_name="Lee", variables=f'{{"V{number:02}":"x"}}')
        for number in range(17)
    ]


@pytest.mark.parametrize(("name", "setting"), settings())
def test_an_upload_ends_well(name: str, setting: Any) -> None:
    """All are taken, all are in the campaign, and pushing again gives the same ids."""
    with Scene(switched(name, setting)) as scene:
        for number in range(16):
            scene.stub.store.add_variable(scene.stub.store.workspace("acme"), f"v{number:02}")
        scene.stub.set_campaign_status(scene.campaign, "active")

        ids = ids_of(scene.sink.push(people()))
        attached = scene.sink.attach(scene.campaign, people(), ids)

        assert len(set(ids)) == 17
        assert ids_of(scene.sink.push(people())) == ids
        assert isinstance(attached, Attached)
        assert list(attached.missing) == []
        assert scene.stub.held_in_campaign(scene.campaign) == scene.stub.held("acme")
        assert scene.bison.identify(TOKEN).bison_workspace_id == 7


@pytest.mark.parametrize(("setting", "taken"), [("skip", False), ("accept", True)])
def test_personal_domains_are_taken_or_known_to_be_skipped(setting: Any, *, taken: bool) -> None:
    """(g) One instance lost a tenth of its leads so, without a word."""
    with Scene(switched("personal_domains", setting)) as scene:
        answer = scene.sink.push([lead("ann"), lead("bob", email="bob@gmail.com")])

        assert isinstance(answer, Accepted)
        assert [lead_id is not None for lead_id in answer.lead_ids] == [True, taken]


@pytest.mark.parametrize("required", [False, True])
def test_a_last_name_is_asked_for_or_not(*, required: bool) -> None:
    """(c) Where it is, the lead without one is named and the others are not at fault."""
    with Scene(switched("last_name_required", required)) as scene:
        answer = scene.sink.push([lead("ann", last_name="Lee"), lead("bob")])

        if required:
            assert isinstance(answer, Refused)
            assert answer.rows == {1: "The last_name field is required."}
        else:
            assert isinstance(answer, Accepted)


@pytest.mark.parametrize("setting", ["refuse", "truncate", "fail"])
def test_too_many_leads_never_find_out_what_an_instance_does(setting: Any) -> None:
    """(h) They are not sent."""
    with Scene(switched("over_limit", setting)) as scene:
        answer = scene.sink.push([lead(f"p{number}") for number in range(501)])

        assert isinstance(answer, Misconfigured)
        assert scene.wire.to(UPSERT) == []


@pytest.mark.parametrize("setting", ["validation", "business"])
def test_a_variable_that_is_taken_is_there(setting: Any) -> None:
    """(i) In either envelope. It was made between our look at the list and our turn."""
    with Scene(switched("taken_wrapper", setting)) as scene:
        scene.stub.store.add_variable(scene.stub.store.workspace("acme"), "city")
        scene.wire.answer(VARIABLES, reply(200, {"data": [], "meta": {"last_page": 1}}))

        ids_of(scene.sink.push([lead("ann", variables='{"city":"x"}')]))
        assert [sent.body for sent in scene.wire.to(VARIABLES)] == [None, {"name": "city"}]


@pytest.mark.parametrize("setting", ["message", "wrapped"])
def test_a_refused_token_is_one_whatever_the_words(setting: Any) -> None:
    """(j) The status says it."""
    with Scene(switched("unauthenticated_body", setting)) as scene:
        scene.stub.revoke(TOKEN)

        assert isinstance(scene.sink.push([lead()]), Unauthorised)
        with pytest.raises(TokenRefused):
            scene.bison.identify(TOKEN)


@pytest.mark.parametrize(("setting", "rows"), [("indexed", True), ("unindexed", False)])
def test_an_invalid_row_is_named_or_left_to_be_found(setting: Any, *, rows: bool) -> None:
    """Either way nobody of the request was taken."""
    with Scene(switched("invalid_rows", setting)) as scene:
        scene.stub.refuse(lead("bob").email)
        answer = scene.sink.push(leads("ann", "bob"))

        assert isinstance(answer, Refused)
        assert set(answer.rows) == ({1} if rows else set())
        assert scene.stub.held("acme") == set()


def test_an_invalid_row_may_be_skipped_instead() -> None:
    """Then it is one of those that the answer leaves out."""
    with Scene(switched("invalid_rows", "skip")) as scene:
        scene.stub.refuse(lead("bob").email)
        answer = scene.sink.push(leads("ann", "bob"))

        assert isinstance(answer, Accepted)
        assert answer.lead_ids[1] is None


@pytest.mark.parametrize("setting", [422, 400])
def test_a_variable_that_vanished_is_made_again(setting: Any) -> None:
    """The words say it, not the status."""
    with Scene(switched("missing_variable_status", setting)) as scene:
        city = lead("ann", variables='{"city":"x"}')
        ids_of(scene.sink.push([city]))
        del scene.stub.store.workspace("acme").variables["city"]

        ids_of(scene.sink.push([city]))


@pytest.mark.parametrize("setting", ["refuse", "drop"])
def test_a_lead_of_another_sequence_is_refused_or_named(setting: Any) -> None:
    """(b) One account has all refused, one has the lead left out without a word."""
    with Scene(switched("mixed_attach", setting)) as scene:
        ids = ids_of(scene.sink.push(leads("ann", "bob")))
        running = scene.stub.add_campaign("acme", "Running", status="active")
        scene.sink.attach(running, leads("bob"), ids[1:])

        answer = scene.sink.attach(scene.campaign, leads("ann", "bob"), ids)

        if setting == "refuse":
            assert isinstance(answer, Refused)
            assert scene.stub.held_in_campaign(scene.campaign) == set()
        else:
            assert answer == Attached([1])
            assert scene.stub.held_in_campaign(scene.campaign) == {lead("ann").email}
