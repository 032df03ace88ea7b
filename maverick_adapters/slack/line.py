"""The line to Slack: slack-sdk's client, without its habits that do not suit us.

The SDK reads proxies from the environment, follows redirects with the token in its hand, tries
again by itself and logs what it sends. Here nothing goes by way of others, nothing is followed,
nothing is tried twice, and what is worth knowing of a call is recorded with its notification.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from typing import Any, Final
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

from slack_sdk import WebClient

MAX_ANSWER_BYTES: Final = 8_000_000

OpenerFactory = Callable[[], OpenerDirector]

_silent: Final = logging.Logger("slack")  # noqa: LOG001 - hangs on no tree, so nothing hears it
_silent.addHandler(logging.NullHandler())
_silent.setLevel(logging.CRITICAL)


def direct() -> OpenerDirector:
    """Return what opens connections: no proxy, no redirect, TLS that is checked."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    opener = OpenerDirector()
    opener.add_handler(HTTPHandler())
    opener.add_handler(HTTPSHandler(context=context))
    return opener


class SlackLine(WebClient):
    """The SDK's client on a connection of our own; safe to share between threads."""

    def __init__(self, token: str, base_url: str, opener: OpenerFactory) -> None:
        """Speak with ``token``; nothing is opened yet."""
        super().__init__(
            token, base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_silent
        )
        self._opener = opener

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """Return the answer, whatever its status, as the SDK wants to have it."""
        del url  # the request knows it
        with self._opener().open(req, timeout=self.timeout) as answer:
            body = answer.read(MAX_ANSWER_BYTES)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            text = body.decode("utf-8", "replace")
            return {"status": answer.status, "headers": headers, "body": text}


TIMEOUT_SECONDS: Final = 10
"""How long any silence of Slack's is borne; a fraction of what a post is given to settle."""
