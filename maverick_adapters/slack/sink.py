"""Messages to a channel of Slack. What a message is known by travels in its metadata, unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from http.client import HTTPException
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from maverick_adapters.address import is_safe
from maverick_adapters.slack.answers import Trouble, no_answer, refused
from maverick_adapters.slack.line import OpenerFactory, SlackLine, direct
from maverick_core.kernel.errors import Rejected, Unauthorised, Unavailable
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    Limited,
    LookAnswer,
    Lost,
    NotReached,
    PostAnswer,
    Refused,
)

EVENT_TYPE: Final = "maverick_incident"
_SKEW_SECONDS: Final = 600.0  # between our clock and Slack's
_PAGE: Final = 200  # messages; Slack may give fewer
_MOST_PAGES: Final = 25

_HIDDEN: Final = Refused(
    "slack_metadata_hidden",
    "A message with these words is there, and Slack does not show whether it is this one. "
    "Give the app the scope metadata.message:read.",
)
_NOT_READ: Final = "Slack's answer could not be read."
_TOO_LONG: Final = Refused(
    "slack_history_long", "The channel has too many messages since then to look through."
)


class SlackSink:
    """Satisfies ``MessageSink`` with one channel; safe to share between threads."""

    def __init__(
        self, token: str, channel: str, url: str, *, opener: OpenerFactory = direct
    ) -> None:
        """Post to the channel with the id ``channel`` as the app that ``token`` belongs to.

        Raises:
            Rejected: ``bad_slack_url``.

        """
        if not is_safe(url):
            raise Rejected(
                "The address of Slack is not usable: it must be https://HOST/api/, or http:// on "
                "this machine only.",
                code="bad_slack_url",
                remedy="Leave MAVERICK_SLACK_URL out: the default is Slack's own.",
            )
        self._token = token
        self._channel = channel
        self._url = url
        self._opener = opener

    @cached_property
    def _line(self) -> SlackLine:
        return SlackLine(self._token, self._url, self._opener)

    def post(self, text: str, tag: str) -> PostAnswer:
        """Post a message; see ``MessageSink.post``."""
        answer = self._call(
            lambda: self._line.chat_postMessage(
                channel=self._channel,
                text=_escaped(text),
                metadata={"event_type": EVENT_TYPE, "event_payload": {"tag": tag}},
                mrkdwn=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        if not isinstance(answer, SlackResponse):
            return answer
        return Arrived(f"{answer.get('channel')}:{answer.get('ts')}")

    def look(self, text: str, tag: str, *, since: datetime) -> LookAnswer:
        """Find the message; see ``MessageSink.look``."""
        oldest = f"{since.timestamp() - _SKEW_SECONDS:.6f}"
        cursor = ""
        for _ in range(_MOST_PAGES):
            answer = self._history(oldest=oldest, limit=_PAGE, cursor=cursor)
            if not isinstance(answer, SlackResponse):
                return NotReached(answer.detail) if isinstance(answer, Lost) else answer
            try:
                found = self._find(answer.get("messages"), text, tag)
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            except (AttributeError, TypeError):  # something else than an object where one should be
                return NotReached(_NOT_READ)
            if not isinstance(found, Absent) or not cursor:
                return found
        return _TOO_LONG

    def introduce(self) -> str:
        """Say as whom messages are posted; see ``MessageSink.introduce``."""
        who = _heard(self._call(self._line.auth_test))
        # Reading is what a lost answer needs, so a right to read that is missing shows here.
        _heard(self._history(limit=1))
        return f"{who.get('user')} in {who.get('team')}, channel {self._channel}"

    def _history(self, **asked: Any) -> SlackResponse | Trouble:
        wanted = {name: value for name, value in asked.items() if value}
        return self._call(
            lambda: self._line.conversations_history(
                channel=self._channel, include_all_metadata=True, **wanted
            )
        )

    def _find(self, messages: Any, text: str, tag: str) -> Arrived | Absent | Refused:
        """Look through one page; a message of these words without metadata may be the one.

        Raises:
            AttributeError, TypeError: these are no messages.

        """
        hidden = False
        for message in messages:
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("tag") == tag:
                return Arrived(f"{self._channel}:{message.get('ts')}")
            hidden = hidden or ("metadata" not in message and message.get("text") == _escaped(text))
        return _HIDDEN if hidden else Absent()

    def _call(self, call: Callable[[], SlackResponse]) -> SlackResponse | Trouble:
        """Make a call; never raises for what happens on the way."""
        try:
            return call()
        except SlackApiError as error:
            return refused(error)
        except (OSError, HTTPException) as error:
            return no_answer(error)
        except (AttributeError, TypeError, ValueError):  # JSON, but not an object
            return Lost(_NOT_READ)


def _heard(answer: SlackResponse | Trouble) -> SlackResponse:
    match answer:
        case Refused(code, detail):
            raise Unauthorised(detail, code=code)
        case Limited():
            raise _unavailable("Slack asks to come back later.")
        case NotReached(detail) | Lost(detail):
            raise _unavailable(detail)
    return answer


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(detail, code="slack_unavailable", remedy="Try again later.")


def _escaped(text: str) -> str:
    """Return ``text`` so that Slack shows it as it is and nothing in it calls anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
