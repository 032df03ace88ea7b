"""Follows redirects, each judged like a first address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from maverick_adapters.sources.transport import Reply, Transport
from maverick_core.pipeline.scraping.addresses import linked_url
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow
from maverick_core.retry import Trouble

REDIRECTS: Final = 5
"""How often an address may lead to another."""
TOO_LATE: Final = NotNow(Trouble.UNAVAILABLE, "The site did not answer in time.")


def redirect(url: str, reply: Reply) -> str | NotFetched | None:
    """Return where the answer leads, None where it leads nowhere."""
    location = reply.headers.get("location")
    if location is None or not httpx.codes.is_redirect(reply.status):
        return None
    target = linked_url(url, location)
    if target is None:
        return NotFetched("bad_redirect", "It leads to what is no page.")
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        return NotFetched("bad_redirect", "It leads from https to http.")
    return target


def followed(
    transport: Transport,
    url: str,
    *,
    headers: Mapping[str, str],
    most_bytes: int,
    seconds: float,
) -> Reply | NotFetched | NotNow:
    """Fetch what ``url`` leads to in the end; redirects share the time."""
    until = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        if (left := until - time.monotonic()) <= 0:
            return TOO_LATE
        reply = transport.get(url, headers=headers, most_bytes=most_bytes, seconds=left)
        if not isinstance(reply, Reply):
            return reply
        target = redirect(url, reply)
        if not isinstance(target, str):
            return target or reply
        url = target
    return NotFetched("too_many_redirects", "It leads on and on.")
