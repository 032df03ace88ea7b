"""What Slack's sink makes of everything that a server, or somebody between, may answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from contracts.messengers import CHANNEL, TOKEN, OverHttp, behind_a_socket, in_process
from contracts.slack.stub import Fault
from maverick_adapters.slack import SlackSink
from maverick_adapters.slack.answers import REFUSALS
from maverick_core.kernel.errors import Rejected, Unauthorised, Unavailable
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    Limited,
    LookAnswer,
    Lost,
    NotReached,
    Refused,
)
from maverick_core.pipeline.invariants.privacy import leaks

TAG = "batch_failed:1:1@2026-11-21T12:00:00+00:00"
POST, HISTORY, TEST = "chat.postMessage", "conversations.history", "auth.test"


@pytest.fixture
def slack() -> OverHttp:
    with in_process() as messenger:
        assert isinstance(messenger, OverHttp)
        return messenger


def look(slack: OverHttp, text: str = "x") -> LookAnswer:
    return slack.sink.look(text, TAG, since=slack.now() - timedelta(minutes=1))


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_is_told_in_our_words(slack: OverHttp, word: str) -> None:
    """A code, what it means, what to do; nothing is tried again."""
    slack.stub.script(Fault("error", error=word))

    assert slack.sink.post("x", TAG) == Refused(*REFUSALS[word])
    assert slack.stub.calls == [POST]


def test_a_refusal_nobody_knows_is_told_by_its_name(slack: OverHttp) -> None:
    """Slack invents new ones."""
    slack.stub.script(Fault("error", error="channel_is_haunted"))

    assert slack.sink.post("x", TAG) == Refused("slack_refused", "Slack says channel_is_haunted.")


@pytest.mark.parametrize("word", ["internal_error", "fatal_error", "service_unavailable"])
def test_an_error_of_slacks_own_says_nothing_certain(slack: OverHttp, word: str) -> None:
    """A part of it may have succeeded."""
    slack.stub.script(Fault("error", error=word, applied=True))

    assert isinstance(slack.sink.post("x", TAG), Lost)
    assert isinstance(look(slack), Arrived)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("status", status=500, applied=True), Lost),
        (Fault("status", status=503), Lost),
        (Fault("malformed"), Lost),
        (Fault("status", status=200, applied=True), Lost),
        (Fault("status", status=302), Refused),
        (Fault("status", status=404), Refused),
        (Fault("ratelimited", retry_after=30), Limited),
        (Fault("error", error="rate_limited"), Limited),
        (Fault("error", error="an <error> in words"), Lost),
    ],
    ids=str,
)
def test_whatever_is_answered_has_a_meaning(slack: OverHttp, fault: Fault, kind: type) -> None:
    """Nothing is raised, and a redirect is not followed."""
    slack.stub.script(fault)

    assert isinstance(slack.sink.post("x", TAG), kind)
    assert slack.stub.calls == [POST]


def test_nothing_in_a_message_calls_anybody(slack: OverHttp) -> None:
    """Slack's own signs lose their meaning, whoever's words they are."""
    slack.sink.post("<!channel> & <@U1> say </b>", TAG)

    assert slack.texts() == ["&lt;!channel&gt; &amp; &lt;@U1&gt; say &lt;/b&gt;"]


def test_a_message_is_found_behind_many_pages(slack: OverHttp) -> None:
    """However much was said since."""
    slack.sink.post("x", TAG)
    for _ in range(450):
        slack.sink.post("y", "other")

    assert isinstance(look(slack), Arrived)
    assert slack.stub.calls.count(HISTORY) == 3


def test_a_channel_too_long_to_look_through_is_not_an_empty_one(slack: OverHttp) -> None:
    """Whoever did not see everything has not seen that nothing is there."""
    for _ in range(5_001):
        slack.channel.messages.append({"ts": f"{slack.stub.clock():.6f}", "metadata": {}})
    found = look(slack)

    assert isinstance(found, Refused)
    assert found.code == "slack_history_long"


def test_messages_of_long_before_are_not_looked_through(slack: OverHttp) -> None:
    """A tag is never older than the first post that carried it; clocks may differ by minutes."""
    slack.sink.post("x", TAG)
    later = slack.now() + timedelta(minutes=9)

    assert isinstance(slack.sink.look("x", TAG, since=later), Arrived)
    assert slack.sink.look("x", TAG, since=later + timedelta(hours=1)) == Absent()


def test_a_message_whose_tag_slack_hides_is_a_doubt(slack: OverHttp) -> None:
    """The words are the same, and nobody can say whether it is the one."""
    slack.sink.post("5 < 6", TAG)
    del slack.channel.messages[0]["metadata"]
    found = look(slack, "5 < 6")

    assert isinstance(found, Refused)
    assert found.code == "slack_metadata_hidden"
    assert look(slack, "7 < 8") == Absent()


def test_a_look_that_was_not_understood_is_tried_again(slack: OverHttp) -> None:
    """Looking changes nothing, so it can be."""
    slack.stub.script(Fault("malformed", method=HISTORY))

    assert isinstance(look(slack), NotReached)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"messages": 5},
        {"messages": "x"},
        {"messages": ["x"]},
        {"messages": [None]},
        {"messages": [{"metadata": ["x"]}]},
        {"messages": [{"metadata": {"event_payload": "x"}}]},
        {"messages": [], "response_metadata": ["x"]},
    ],
    ids=str,
)
def test_a_history_that_is_none_says_nothing_of_the_message(
    slack: OverHttp, said: dict[str, object]
) -> None:
    """Whoever did not understand has not seen that nothing is there."""
    slack.answer_with({"ok": True, **said})

    assert look(slack) == NotReached("Slack's answer could not be read.")


@pytest.mark.parametrize(
    ("spoil", "error", "code"),
    [
        (lambda slack: slack.stub.bots.clear(), Unauthorised, "slack_token_refused"),
        (lambda slack: slack.channel.members.clear(), Unauthorised, "slack_not_in_channel"),
        (lambda slack: slack.hide_history(), Unauthorised, "slack_scope_missing"),
        (lambda slack: slack.go_away(), Unavailable, "slack_unavailable"),
        (
            lambda slack: slack.stub.script(Fault("ratelimited", method=TEST)),
            Unavailable,
            "slack_unavailable",
        ),
    ],
)
def test_an_introduction_finds_what_is_missing(
    slack: OverHttp, spoil: Callable[[OverHttp], None], error: type[Exception], code: str
) -> None:
    """The token, the channel, and the right to read that a lost answer needs."""
    assert slack.sink.introduce() == f"maverick in Stub, channel {CHANNEL}"
    spoil(slack)
    with pytest.raises(error) as raised:
        slack.sink.introduce()

    assert getattr(raised.value, "code", "") == code


@pytest.mark.parametrize(
    "url", ["http://slack.example/api/", "ftp://slack.com", "https://me:pw@slack.com/api/", "x"]
)
def test_a_token_goes_nowhere_in_clear(url: str) -> None:
    """Http only on this machine; the address is not repeated, it may hold a password."""
    with pytest.raises(Rejected) as raised:
        SlackSink(TOKEN, CHANNEL, url)

    assert raised.value.code == "bad_slack_url"
    assert "pw" not in str(raised.value)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token would go by way of whoever set the variable."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with behind_a_socket() as slack:
        assert isinstance(slack.sink.post("x", TAG), Arrived)


def test_the_token_is_never_told(
    slack: OverHttp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither in answers, nor in errors, nor in logs, even when everything is logged."""
    caplog.set_level(logging.DEBUG)
    answers: list[object] = [slack.sink, slack.sink.post("x", TAG)]
    for fault in ("malformed", "drop_after", "status"):
        slack.stub.script(Fault(fault))
        answers.append(slack.sink.post("x", TAG))
    slack.stub.bots.clear()
    answers.append(slack.sink.post("x", TAG))
    with pytest.raises(Unauthorised) as raised:
        slack.sink.introduce()

    out = capfd.readouterr()
    told = "\n".join([*map(repr, answers), repr(raised.value), caplog.text, out.out, out.err])
    assert leaks(told, {"the token": TOKEN}) == []


def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    """An answer that never comes is one that is lost."""
    with behind_a_socket() as slack:
        assert isinstance(slack, OverHttp)
        assert isinstance(slack.sink, SlackSink)
        slack.sink._line.timeout = 0.2  # type: ignore[assignment]
        slack.stub.script(Fault("slow", seconds=1.0))

        assert isinstance(slack.sink.post("x", TAG), Lost)
        assert isinstance(look(slack), Arrived)


def test_the_instant_of_a_look_is_the_same_in_every_zone(slack: OverHttp) -> None:
    """Slack counts seconds since 1970."""
    slack.sink.post("x", TAG)
    since = datetime.fromtimestamp(slack.stub.clock(), UTC).astimezone()

    assert isinstance(slack.sink.look("x", TAG, since=since), Arrived)
