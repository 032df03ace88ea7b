"""Fetches pages of public hosts: robots.txt first, each redirect judged like a first address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from maverick_adapters.retry_after import retry_after
from maverick_adapters.sources.guard import Guard
from maverick_adapters.sources.redirects import REDIRECTS, TOO_LATE, followed, redirect
from maverick_adapters.sources.robots import MOST_BYTES, Robots
from maverick_adapters.sources.transport import Reply, Transport, conditions
from maverick_core.pipeline.scraping.ports import (
    Answer,
    Fetched,
    NotFetched,
    NotNow,
    Unchanged,
    Validators,
)
from maverick_core.pipeline.scraping.source import PageKind, Source
from maverick_core.retry import Trouble

AGENT: Final = "maverick"
_ROBOTS_SECONDS: Final = 20.0
_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_WORDS: Final[Mapping[int, NotFetched]] = {
    HTTPStatus.NOT_FOUND: NotFetched("page_missing", "The site has no such page (404)."),
    HTTPStatus.GONE: NotFetched("page_missing", "The page is gone (410)."),
    HTTPStatus.UNAUTHORIZED: NotFetched("page_forbidden", "The page asks for a login (401)."),
    HTTPStatus.FORBIDDEN: NotFetched("page_forbidden", "The site refuses to show it (403)."),
}
_KINDS: Final[Mapping[PageKind, tuple[str, ...]]] = {
    PageKind.HTML: ("text/html", "application/xhtml+xml"),
    PageKind.JSON_LD: ("text/html", "application/xhtml+xml"),
    PageKind.JSON: ("application/json", "+json", "text/json"),
}


class WebPages:
    """Satisfies ``Pages`` over HTTP. Safe to share between threads."""

    def __init__(self, guard: Guard, *, contact: str = "") -> None:
        """Fetch what ``guard`` allows; ``contact`` tells sites whom to write to."""
        comment = f" (+{contact})" if contact else ""
        self._transport = Transport(guard, f"{AGENT}/1.0{comment}")
        self._robots = Robots(self._robots_txt, AGENT)

    def fetch(self, url: str, source: Source, validators: Validators) -> Answer:
        """Fetch one page; see ``Pages.fetch``.

        Redirects share the page's time, and nobody is asked when it is over: one robots.txt comes
        on top, and what ``Transport.get`` cannot cut off.
        """
        headers = conditions(validators)
        until = time.monotonic() + source.limits.page_seconds
        for _ in range(REDIRECTS + 1):
            if (why_not := self._robots.why_not(url)) is not None:
                return why_not
            if (left := until - time.monotonic()) <= 0:
                return TOO_LATE
            reply = self._transport.get(
                url, headers=headers, most_bytes=source.limits.page_bytes, seconds=left
            )
            if not isinstance(reply, Reply):
                return reply
            if (target := redirect(url, reply)) is None:
                return self._judged(url, source, reply)
            if isinstance(target, NotFetched):
                return target
            url = target
        return NotFetched("too_many_redirects", "It leads on and on.")

    def crawl_delay(self, url: str) -> float:
        """Return what the host asks for; see ``Pages.crawl_delay``."""
        return self._robots.delay_seconds(url)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _robots_txt(self, url: str) -> Reply | NotFetched | NotNow:
        return followed(
            self._transport, url, headers={}, most_bytes=MOST_BYTES, seconds=_ROBOTS_SECONDS
        )

    def _judged(self, url: str, source: Source, reply: Reply) -> Answer:
        status = reply.status
        if status == HTTPStatus.NOT_MODIFIED:
            return Unchanged()
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(reply.headers)
            return NotNow(Trouble.LIMITED, "The site asks to slow down (429).", wait)
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wait = retry_after(reply.headers)
            return NotNow(Trouble.UNAVAILABLE, f"The site has a problem ({status}).", wait)
        if status != HTTPStatus.OK:
            return _WORDS.get(status) or NotFetched("page_refused", f"The site says {status}.")
        return _whole(url, source, reply)


def _whole(url: str, source: Source, reply: Reply) -> Fetched | NotFetched:
    content_type = reply.headers.get("content-type", "").strip()
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not any(kind.endswith(ending) for ending in _KINDS[source.kind]):
        return NotFetched("wrong_content", f"It is {kind[:60]}, not {source.kind}.")
    validators = Validators(reply.headers.get("etag"), reply.headers.get("last-modified"))
    return Fetched(url, reply.body, content_type, validators)
