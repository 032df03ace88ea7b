"""The stub against Slack's own rules, as far as we rely on them; no adapter of ours comes near."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.slack.stub import Fault, SlackStub, serve

METADATA = {"event_type": "e", "event_payload": {"tag": "t"}}


class Caller:
    """Calls a stub behind a socket, as a bot with every right in channel C1."""

    def __init__(self, stub: SlackStub, url: str) -> None:
        self.stub = stub
        self.url = url
        self.bot = stub.add_bot("xoxb-1")
        self.channel = stub.add_channel("C1")

    def __call__(self, method: str, token: str = "xoxb-1", **arguments: Any) -> Any:  # noqa: S107
        """Call a method with arguments as JSON."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(
            f"{self.url}/api/{method}", json=arguments, headers=headers, trust_env=False
        )
        return answer.json()


@pytest.fixture
def call() -> Iterator[Caller]:
    """Start a stub."""
    stub = SlackStub(clock=lambda: 1_700_000_000.0)
    with serve(stub) as server:
        yield Caller(stub, server.url)


def test_a_token_belongs_to_a_bot(call: Caller) -> None:
    """No token and a wrong one are told apart."""
    assert call("auth.test")["user"] == "maverick"
    assert call("auth.test", token="")["error"] == "not_authed"
    assert call("auth.test", token="xoxb-2")["error"] == "invalid_auth"  # noqa: S106
    assert call("chat.dance")["error"] == "unknown_method"


def test_messages_come_back_the_last_one_first(call: Caller) -> None:
    """Each with an instant of its own; metadata only on request."""
    for text in ("one", "two"):
        assert call("chat.postMessage", channel="C1", text=text, metadata=METADATA)["ok"]
    plain = call("conversations.history", channel="C1")["messages"]
    whole = call("conversations.history", channel="C1", include_all_metadata=True)["messages"]

    assert [each["text"] for each in plain] == ["two", "one"]
    assert len({each["ts"] for each in plain}) == 2
    assert "metadata" not in plain[0]
    assert whole[0]["metadata"] == METADATA


def test_history_comes_in_pages_since_an_instant(call: Caller) -> None:
    """The cursor leads to the rest."""
    stamps = [call("chat.postMessage", channel="C1", text=str(n))["ts"] for n in range(5)]
    first = call("conversations.history", channel="C1", limit=2, oldest=stamps[0])
    cursor = first["response_metadata"]["next_cursor"]
    second = call("conversations.history", channel="C1", limit=2, oldest=stamps[0], cursor=cursor)

    assert [each["text"] for each in first["messages"]] == ["4", "3"]
    assert [each["text"] for each in second["messages"]] == ["2", "1"]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_refusals_have_slacks_names(call: Caller) -> None:
    """What the adapter's table is about."""
    call.stub.add_channel("C2", "somebody")
    refused = [
        call("chat.postMessage", channel="C9", text="x"),
        call("chat.postMessage", channel="C2", text="x"),
        call("chat.postMessage", channel="C1", text=""),
        call("chat.postMessage", channel="C1", text="x", metadata={"tag": "t"}),
    ]
    call.bot.scopes = frozenset({"chat:write"})
    refused.append(call("conversations.history", channel="C1"))

    assert [each["error"] for each in refused] == [
        "channel_not_found",
        "not_in_channel",
        "no_text",
        "invalid_metadata_format",
        "missing_scope",
    ]
    assert call.stub.texts("C1") == []


@pytest.mark.parametrize(("does", "held"), [("drop_before", 0), ("drop_after", 1)])
def test_a_connection_dies_before_or_after(call: Caller, does: Any, held: int) -> None:
    """To the caller they are the same."""
    call.stub.script(Fault(does))
    with pytest.raises(httpx.RemoteProtocolError):
        call("chat.postMessage", channel="C1", text="x")

    assert len(call.stub.texts("C1")) == held


def test_faults_meet_their_method_as_often_as_they_say(call: Caller) -> None:
    """In the order of their scripting."""
    call.stub.script(Fault("error", error="a", times=2))
    call.stub.script(Fault("error", error="b"))
    answers = [call("chat.postMessage", channel="C1", text="x").get("error") for _ in range(4)]

    assert call("auth.test")["ok"]
    assert answers == ["a", "a", "b", None]


def test_half_an_answer_comes_after_the_deed(call: Caller) -> None:
    """It cannot be read, and the message is there."""
    call.stub.script(Fault("malformed"))
    with pytest.raises(ValueError, match="char"):
        call("chat.postMessage", channel="C1", text="x")

    assert call.stub.texts("C1") == ["x"]


def test_what_is_held_can_be_looked_at(call: Caller) -> None:
    """By who watches from another process."""
    call("chat.postMessage", channel="C1", text="x")
    held = httpx.get(f"{call.url}/_stub/messages", trust_env=False).json()

    assert [each["text"] for each in held["C1"]] == ["x"]


def test_a_fault_nobody_knows_is_refused() -> None:
    """A script that does nothing would prove nothing."""
    with pytest.raises(ValueError, match="explode"):
        Fault("explode")  # type: ignore[arg-type]
