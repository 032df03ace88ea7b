"""What Slack's refusals and silences mean: one table.

Errors that say nothing certain about a post are as good as no answer. Slack's own words for
``internal_error`` and ``fatal_error`` are that a part of the operation may have succeeded.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from maverick_adapters.retry_after import retry_after
from maverick_core.notifications.answers import Limited, Lost, NotReached, Refused

Trouble = Limited | NotReached | Lost | Refused

_LIMITED: Final = frozenset({"ratelimited", "rate_limited"})
_UNCERTAIN: Final = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
_TOKEN: Final = (
    "slack_token_refused",
    "Slack refuses the token. Store a new one in MAVERICK_SLACK_TOKEN.",
)
_CHANNEL: Final = (
    "slack_channel_missing",
    "Slack knows no such channel. Set MAVERICK_SLACK_CHANNEL to the id in the channel's details.",
)
_OUTSIDE: Final = (
    "slack_not_in_channel",
    "The app is not in the channel. Type /invite and its name there.",
)
_CLOSED: Final = ("slack_channel_closed", "The channel is archived or closed to the app.")
_SCOPE: Final = (
    "slack_scope_missing",
    "The app lacks a scope: chat:write, or channels:history (private channels: groups:history).",
)

REFUSALS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "invalid_auth": _TOKEN,
        "not_authed": _TOKEN,
        "account_inactive": _TOKEN,
        "token_revoked": _TOKEN,
        "token_expired": _TOKEN,
        "channel_not_found": _CHANNEL,
        "not_in_channel": _OUTSIDE,
        "is_archived": _CLOSED,
        "restricted_action": _CLOSED,
        "missing_scope": _SCOPE,
        "no_permission": _SCOPE,
    }
)
"""Slack's word for it, our code, and the sentence that people read."""

_NOT_SENT: Final = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_NO_WAY: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
_WORD: Final = re.compile(r"[a-z_]{1,60}", re.ASCII)


def refused(error: SlackApiError) -> Trouble:
    """Return what an answer with ``ok: false``, or none of Slack's at all, means."""
    response = error.response
    status = response.status_code
    said = response.data.get("error") if isinstance(response.data, dict) else None
    word = said if isinstance(said, str) and _WORD.fullmatch(said) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in _LIMITED:
        return Limited(retry_after(response.headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in _UNCERTAIN:
        return Lost(f"Slack did not work (HTTP {status}{word and f', {word}'}).")
    if word:
        return Refused(*REFUSALS.get(word, ("slack_refused", f"Slack says {word}.")))
    if status == HTTPStatus.OK:
        return Lost("Slack's answer could not be read.")
    return Refused(
        "slack_address_wrong",
        f"What answers at MAVERICK_SLACK_URL is not Slack (HTTP {status}).",
    )


def no_answer(error: Exception) -> NotReached | Lost:
    """Return what it means that no answer came: not sent for certain, or nobody knows."""
    cause = error.reason if isinstance(error, URLError) else error
    name = type(cause).__name__
    if isinstance(error, URLError) and (
        isinstance(cause, _NOT_SENT) or getattr(cause, "errno", None) in _NO_WAY
    ):
        return NotReached(f"Slack is not reachable ({name}).")
    return Lost(f"Slack did not answer ({name}).")
