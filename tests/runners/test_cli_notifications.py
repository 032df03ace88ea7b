"""Incidents on the command line: told in Slack once each, listed, and sent again by a person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.bison.stub import BisonStub
from contracts.bison.stub import Fault as BisonFault
from contracts.messengers import CHANNEL
from contracts.messengers import TOKEN as SLACK_TOKEN
from contracts.slack.stub import Fault, SlackStub, serve
from maverick_core.pipeline.invariants.privacy import leaks
from tests.runners.conftest import TOKEN, Run


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStub]:
    """Start a Slack, and name it in the settings."""
    stub = SlackStub()
    stub.add_bot(SLACK_TOKEN)
    stub.add_channel(CHANNEL)
    with serve(stub) as server:
        monkeypatch.setenv("MAVERICK_SLACK_TOKEN", SLACK_TOKEN)
        monkeypatch.setenv("MAVERICK_SLACK_CHANNEL", CHANNEL)
        monkeypatch.setenv("MAVERICK_SLACK_URL", f"{server.url}/api/")
        yield stub


def headlines(slack: SlackStub) -> list[str]:
    return [text.partition("\n")[0] for text in slack.texts(CHANNEL)]


def states(maverick: Run) -> list[tuple[str, str]]:
    listed = maverick("notifications", "list", "-o", "json").json["notifications"]
    return [(each["kind"], each["state"]) for each in reversed(listed)]


def test_a_refused_token_is_told_once_and_once_that_it_is_good_again(
    slack: SlackStub, acme: Run, stub: BisonStub
) -> None:
    """However many batches there are, however often one looks."""
    acme("batches", "create", "--workspace", "acme", "--batch-size", "10")
    stub.revoke(TOKEN)
    acme("batches", "upload")
    acme("tokens", "test", "acme")
    acme("batches", "upload")
    stub.replace_token("Acme", "1|renewed")
    acme("tokens", "set", "acme", stdin="1|renewed\n")
    acme("tokens", "set", "acme", stdin="1|renewed\n")

    refused, good_again = headlines(slack)
    assert refused.startswith("Email Bison refuses the token of acme. Batch B-00000")
    assert good_again.startswith("The token of acme is good again")
    assert states(acme) == [("token_refused", "sent"), ("token_good_again", "sent")]
    told = "\n".join(slack.texts(CHANNEL))
    assert leaks(told, {"token": TOKEN, "new token": "1|renewed", "contact": "@list"}) == []


def test_a_failed_batch_is_told_once_and_anew_when_it_fails_again(
    slack: SlackStub, acme: Run, stub: BisonStub
) -> None:
    """A re-queue makes the next failure news."""
    acme("batches", "create", "--workspace", "acme")
    stub.script(BisonFault("missing_variable"))
    acme("batches", "upload")
    acme("batches", "upload")
    once = headlines(slack)
    acme("batches", "requeue", "B-000001")
    acme("batches", "upload")

    assert len(once) == 1
    assert once[0].startswith("Batch B-000001 of acme failed · custom_variable_")
    assert len(headlines(slack)) == 2
    assert states(acme) == [("batch_failed", "sent")] * 2


def test_without_slack_incidents_are_in_the_log(acme: Run, stub: BisonStub) -> None:
    """On one line, as a warning."""
    stub.revoke(TOKEN)
    tested = acme("tokens", "test", "acme")

    assert "incident" in tested.err
    assert "Email Bison refuses the token of acme." in tested.err
    assert TOKEN not in tested.err
    assert states(acme) == [("token_refused", "sent")]


def test_what_slack_refused_is_listed_and_sent_again_by_a_person(
    slack: SlackStub, acme: Run, stub: BisonStub
) -> None:
    """With the reason, and only once."""
    slack.channels[CHANNEL].members.clear()
    stub.revoke(TOKEN)
    acme("tokens", "test", "acme")
    (listed,) = acme("notifications", "list", "--state", "failed", "-o", "json").json[
        "notifications"
    ]
    doctor = acme("doctor", "--offline")
    slack.channels[CHANNEL].members.add("maverick")
    resent = acme("notifications", "resend", "1", "--yes")
    again = acme("notifications", "resend", "1", "--yes")

    assert listed["code"] == "slack_not_in_channel"
    assert "1 notifications could not be sent" in doctor.out
    assert (resent.code, again.code) == (0, 1)
    assert "not_resendable" in again.err
    assert len(slack.texts(CHANNEL)) == 1


def test_a_person_who_has_not_looked_sends_nothing(slack: SlackStub, acme: Run) -> None:
    """The question comes first."""
    asked = acme("notifications", "resend", "1", stdin="n\n")

    assert asked.code == 1
    assert slack.calls == []


def test_a_lost_answer_waits_and_is_not_sent_twice(
    slack: SlackStub, acme: Run, stub: BisonStub
) -> None:
    """Sending what waits right after it changes nothing: its time has not come."""
    slack.script(Fault("drop_after"))
    stub.revoke(TOKEN)
    acme("tokens", "test", "acme")
    acme("tokens", "test", "acme")

    assert len(slack.texts(CHANNEL)) == 1
    assert states(acme) == [("token_refused", "pending")]


def test_doctor_introduces_the_app(slack: SlackStub, acme: Run) -> None:
    """And says what Slack says when it does not work."""
    good = acme("doctor").out
    slack.bots.clear()
    bad = acme("doctor")

    assert f"Incidents are told to maverick in Stub, channel {CHANNEL}" in good
    assert "Slack refuses the token" in bad.out
    assert bad.code == 2


def test_a_token_without_a_channel_is_refused(
    maverick: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would be told, and nobody would know."""
    monkeypatch.setenv("MAVERICK_SLACK_TOKEN", SLACK_TOKEN)
    ran = maverick("workspaces", "list")

    assert ran.code == 2
    assert "slack_channel_unset" in ran.err
    assert SLACK_TOKEN not in ran.err
