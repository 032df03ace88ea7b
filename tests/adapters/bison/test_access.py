"""Leads go to the workspace they were planned for, or nowhere."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from contracts.bison.stub import Fault
from maverick_adapters.bison.access import CHECK_SECONDS
from maverick_adapters.bison.single_flight import SingleFlight
from maverick_core.kernel import errors
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Limited,
    Misconfigured,
    Unauthorised,
    Unavailable,
)
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import new_workspace
from tests.adapters.bison.scene import IDENTITY, TOKEN, UPSERT, USERS, Scene, lead, reply

SECOND = "14|SecondToken"  # made up, like all of them


def test_whose_token_it_is_is_asked_before_the_first_lead(scene: Scene) -> None:
    """And not again for a while, by no sink of the workspace."""
    scene.sink.push([lead()])
    scene.sink.push([lead()])
    scene.bison.sink(scene.workspace).push([lead()])

    assert scene.paths() == [USERS, UPSERT, UPSERT, UPSERT]


def test_it_is_asked_again_after_some_minutes(scene: Scene) -> None:
    """The scope of a super-admin token changes when its owner looks at another workspace."""
    scene.sink.push([lead()])
    scene.time.sleep(CHECK_SECONDS + 1)
    scene.sink.push([lead()])

    assert scene.paths() == [USERS, UPSERT, USERS, UPSERT]


@pytest.mark.parametrize("key", ["workspace", "team"])
def test_a_token_of_another_workspace_sends_nothing(scene: Scene, key: str) -> None:
    """The worst that could happen: one client's contacts in another client's campaigns."""
    other = {"id": 3, "name": "acme", key: {"id": 8, "name": "acme"}}
    scene.wire.answer(USERS, reply(200, {"data": other}))

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Unauthorised)
    assert answer.code == "wrong_workspace"
    assert scene.wire.to(UPSERT) == []


def test_an_attach_asks_first_as_well(scene: Scene) -> None:
    """A batch that is resumed may have nothing left to push."""
    scene.wire.answer(USERS, reply(401))

    answer = scene.sink.attach(scene.campaign, [lead()], [1])

    assert isinstance(answer, Unauthorised)
    assert scene.paths() == [USERS]


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        (reply(500), Unavailable("Email Bison answered 500.", reached=False)),
        (httpx.ReadError("x"), Unavailable),
        (reply(200, b"<html>"), Unavailable),
        (reply(200, {"data": {"id": 7, "name": "acme"}}), Unavailable),
        (reply(200, {"data": {"workspace": {"id": "7"}}}), Unavailable),
        (reply(429, {"retry_after": 4}), Limited(4.0)),
        (reply(404, b""), Misconfigured),
    ],
)
def test_trouble_with_the_question_leaves_no_lead_in_doubt(
    scene: Scene, met: httpx.Response | Exception, expected: object
) -> None:
    """No lead was sent."""
    scene.wire.answer(USERS, met)

    answer = scene.sink.push([lead()])

    assert isinstance(answer, expected) if isinstance(expected, type) else answer == expected
    assert not (isinstance(answer, Unavailable) and answer.reached)
    assert scene.paths() == [USERS]


def test_a_workspace_without_a_token_is_told_so(scene: Scene) -> None:
    """An answer, not an exception: the machine holds the workspace."""
    bare = scene.store.add_workspace(new_workspace("bare", "America/New_York")).id

    answer = scene.bison.sink(bare).push([lead()])

    assert isinstance(answer, Unauthorised)
    assert answer.code == "token_missing"
    assert scene.wire.sent == []


def test_a_token_that_cannot_be_decrypted_is_for_a_person(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the installation is wrong; the token itself may be good, so nothing is held."""
    monkeypatch.setattr(scene.store, "reveal_token", cannot_decrypt)

    answer = scene.sink.push([lead()])

    assert answer == Misconfigured("secret_key_wrong", "The key is wrong.")


def cannot_decrypt(_workspace_id: int) -> str:
    raise errors.Unavailable("The key is wrong.", code="secret_key_wrong")


def test_a_record_that_is_down_is_no_answer_of_email_bison(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload breaks off and is resumed; no batch fails for it."""

    def is_down(_workspace_id: int) -> str:
        raise errors.Unavailable("The database is down.", code="database_unavailable")

    monkeypatch.setattr(scene.store, "reveal_token", is_down)

    with pytest.raises(errors.Unavailable):
        scene.sink.push([lead()])


@pytest.mark.parametrize("token", ["12|Ab\r\nX-Injected: 1", "12|A b", "12|Ä", "12|A\n"])
def test_a_token_that_does_not_fit_into_a_header_is_not_sent(scene: Scene, token: str) -> None:
    """It is checked when it is stored; this is the second lock on the door."""
    scene.store_token(token)

    answer = scene.sink.push([lead()])

    assert isinstance(answer, Unauthorised)
    assert token not in repr(answer)
    assert scene.wire.sent == []


def test_a_refused_token_is_not_tried_again(scene: Scene) -> None:
    """One push, one 401, the end."""
    scene.sink.push([lead()])
    scene.stub.revoke(TOKEN)
    scene.sink.push([lead()])

    assert scene.paths() == [USERS, UPSERT, UPSERT]


def test_a_token_that_was_replaced_meanwhile_is_used(scene: Scene) -> None:
    """Whoever stored it does not expect the workspace to be held for the old one."""
    scene.sink.push([lead("ann")])
    scene.stub.replace_token("acme", SECOND)
    scene.store_token(SECOND)

    answer = scene.sink.push([lead("bob")])

    assert isinstance(answer, Accepted)
    assert scene.paths()[-3:] == [UPSERT, USERS, UPSERT]


def test_a_replacement_for_another_workspace_waits_for_the_next_upload(scene: Scene) -> None:
    """Nothing goes there under the old plan: the refusal of the old token stands."""
    scene.sink.push([lead("ann")])
    scene.stub.revoke(TOKEN)
    scene.stub.add_workspace("elsewhere", SECOND, id=9)
    scene.store_token(SECOND, IDENTITY)

    answer = scene.sink.push([lead("bob")])

    assert isinstance(answer, Unauthorised)
    assert scene.stub.held("elsewhere") == set()


def test_a_new_upload_uses_the_token_that_is_stored_now(scene: Scene) -> None:
    """Every upload opens a sink of its own, so a replaced token takes effect with the next one."""
    scene.sink.push([lead("ann")])
    scene.stub.add_workspace("moved", SECOND, id=9)
    scene.store_token(SECOND, TokenIdentity(9, "moved"))

    answer = scene.bison.sink(scene.workspace).push([lead("bob")])

    assert isinstance(answer, Accepted)
    assert scene.stub.held("moved") == {lead("bob").email}


@pytest.mark.parametrize(
    "met", [reply(500), reply(429), reply(404), reply(200, b"{"), httpx.ConnectError("x")]
)
def test_a_probe_that_gets_no_sense_says_unavailable(
    scene: Scene, met: httpx.Response | Exception
) -> None:
    """The token may be good: nobody should throw it away for this."""
    scene.wire.answer(USERS, met)

    with pytest.raises(errors.Unavailable) as unavailable:
        scene.bison.identify(TOKEN)

    assert unavailable.value.code == "bison_unavailable"
    assert unavailable.value.remedy


@pytest.mark.parametrize("fault", [Fault("status", status=401), Fault("forbidden")])
def test_a_probe_that_is_not_let_in_says_refused(scene: Scene, fault: Fault) -> None:
    """With or without words."""
    scene.stub.script(fault)

    with pytest.raises(errors.Unauthorised) as refused:
        scene.bison.identify(TOKEN)

    assert refused.value.code == "token_refused"


class Counted:
    """A key that knows how often it was looked up: twice by everyone who asks."""

    def __init__(self) -> None:
        self.looked_up = threading.Semaphore(0)

    def __hash__(self) -> int:
        self.looked_up.release()
        return 1


def test_one_question_serves_all_who_ask_meanwhile() -> None:
    """So that a bad token is sent once, and not by every thread that starts with it."""
    flight, key, asked = SingleFlight[int](), Counted(), []

    def ask() -> int:
        asked.append(1)
        for _ in range(2 * 8):  # all eight are in
            assert key.looked_up.acquire(timeout=20)
        return 42

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: flight.do(key, ask), range(8)))

    assert answers == [42] * 8
    assert len(asked) == 1


def test_a_question_that_fails_fails_for_all_and_is_forgotten() -> None:
    """The next one asks anew."""
    flight = SingleFlight[int]()

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        flight.do("key", fail)

    assert flight.do("key", lambda: 1) == 1
