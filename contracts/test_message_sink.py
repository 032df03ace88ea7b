"""``MessageSink``: what each Slack does with a post, and whether a message can be found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from contracts.messengers import MESSENGERS, Messenger
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    Limited,
    LookAnswer,
    Lost,
    NotReached,
    Refused,
)

TAG = "batch_failed:1:1@2026-11-21T12:00:00+00:00"
OTHER = "batch_failed:2:1@2026-11-21T12:00:00+00:00"
TEXT = "Batch B-000001 failed."


@pytest.fixture(params=MESSENGERS)
def slack(request: pytest.FixtureRequest) -> Iterator[Messenger]:
    """Open each of them."""
    with MESSENGERS[request.param]() as messenger:
        yield messenger


def look(slack: Messenger, tag: str = TAG) -> LookAnswer:
    """Look for a message of the last minute."""
    return slack.sink.look(TEXT, tag, since=slack.now() - timedelta(minutes=1))


def test_a_message_arrives_and_is_found_again(slack: Messenger) -> None:
    """By its tag alone: the words may be those of another one."""
    posted = slack.sink.post(TEXT, TAG)

    assert isinstance(posted, Arrived)
    assert slack.texts() == [TEXT]
    assert look(slack) == posted
    assert look(slack, OTHER) == Absent()


def test_what_is_asked_twice_is_posted_twice(slack: Messenger) -> None:
    """This is why nobody may ask twice without a look."""
    slack.sink.post(TEXT, TAG)
    slack.sink.post(TEXT, TAG)

    assert slack.texts() == [TEXT, TEXT]


def test_a_lost_answer_says_nothing_and_a_look_says_it_all(slack: Messenger) -> None:
    """The message is there."""
    slack.lose_next_answer()

    assert isinstance(slack.sink.post(TEXT, TAG), Lost)
    assert isinstance(look(slack), Arrived)


@pytest.mark.parametrize("trouble", ["lose_next_post", "break_next_post"])
def test_a_lost_post_sounds_the_same_and_is_absent(slack: Messenger, trouble: str) -> None:
    """Nobody could tell the two apart without a look."""
    getattr(slack, trouble)()

    assert isinstance(slack.sink.post(TEXT, TAG), Lost)
    assert look(slack) == Absent()


def test_a_limit_says_when_to_come_back(slack: Messenger) -> None:
    """Nothing was taken."""
    slack.limit(7)

    assert slack.sink.post(TEXT, TAG) == Limited(7.0)
    assert look(slack) == Limited(7.0)
    assert slack.texts() == []


def test_a_closed_channel_refuses_for_good(slack: Messenger) -> None:
    """With a code and a sentence that says what to do."""
    slack.close_channel()
    posted = slack.sink.post(TEXT, TAG)

    assert isinstance(posted, Refused)
    assert posted.code.startswith("slack_")
    assert posted.detail.endswith(".")
    assert slack.texts() == []


def test_a_history_that_may_not_be_read_is_never_an_empty_one(slack: Messenger) -> None:
    """Whoever cannot look has not seen that nothing is there."""
    slack.sink.post(TEXT, TAG)
    slack.hide_history()

    assert isinstance(look(slack), Refused)


def test_a_look_that_fails_is_never_an_empty_one(slack: Messenger) -> None:
    """It is tried again."""
    slack.break_next_look()

    assert isinstance(look(slack), NotReached)


def test_what_was_not_sent_is_known_not_to_be(slack: Messenger) -> None:
    """A refused connection carried nothing."""
    slack.go_away()

    assert isinstance(slack.sink.post(TEXT, TAG), NotReached)
    assert isinstance(look(slack), NotReached)
    assert slack.texts() == []


def test_a_sink_introduces_itself(slack: Messenger) -> None:
    """As whom, and where."""
    assert slack.sink.introduce()
