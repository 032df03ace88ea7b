"""What a host allows robots, as its robots.txt says (RFC 9309)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from maverick_adapters.sources.transport import Reply
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow

KEPT_SECONDS: Final = 24 * 3_600.0  # RFC 9309 2.4
MOST_BYTES: Final = 512_000  # RFC 9309 2.5: at least 500 kibibytes are read
HOSTS_KEPT: Final = 256  # half a megabyte each at worst; links lead to hosts without end
_SLOWEST_SECONDS: Final = 300.0  # a delay longer than that would be a site that wants no visits

_FORBIDDEN = NotFetched("robots_forbidden", "The site's robots.txt forbids it.")
_UNKNOWN = NotFetched("robots_unknown", "The site's robots.txt could not be read.")


@dataclass(frozen=True, slots=True)
class _Kept:
    rules: Protego
    until: float


class Robots:
    """Remembers the rules of the last hosts for a day. Safe to share between threads."""

    def __init__(self, fetch: Callable[[str], Reply | NotFetched | NotNow], agent: str) -> None:
        """Read rules with ``fetch``, which follows redirects, for the robot called ``agent``."""
        self._fetch = fetch
        self._agent = agent
        self._hosts: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def why_not(self, url: str) -> NotFetched | NotNow | None:
        """Return why ``url`` is not to be fetched, or None where it may be."""
        rules = self._rules(url)
        if not isinstance(rules, Protego):
            return rules
        return None if rules.can_fetch(url, self._agent) else _FORBIDDEN

    def delay_seconds(self, url: str) -> float:
        """Return the seconds to leave between two requests, 0 where nothing is said."""
        rules = self._rules(url)
        if not isinstance(rules, Protego):
            return 0.0
        rate = rules.request_rate(self._agent)
        by_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return min(max(rules.crawl_delay(self._agent) or 0.0, by_rate), _SLOWEST_SECONDS)

    def _rules(self, url: str) -> Protego | NotFetched | NotNow:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            kept = self._hosts.get(host)
            if kept:
                self._hosts.move_to_end(host)
        if kept and kept.until > time.monotonic():
            return kept.rules
        reply = self._fetch(f"{host}/robots.txt")
        if isinstance(reply, NotNow):
            return reply
        if isinstance(reply, NotFetched) and reply.code in {"address_private", "host_unknown"}:
            return reply
        if _nobody_knows(reply):
            return _UNKNOWN
        rules = Protego.parse(_text(reply))
        with self._lock:
            self._hosts[host] = _Kept(rules, time.monotonic() + KEPT_SECONDS)
            self._hosts.move_to_end(host)
            if len(self._hosts) > HOSTS_KEPT:
                self._hosts.popitem(last=False)
        return rules


def _nobody_knows(reply: Reply | NotFetched) -> bool:
    """Say whether there are rules that nobody could read: as good as forbidden, until they are."""
    if isinstance(reply, NotFetched):
        return reply.code == "page_too_large"
    return reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _text(reply: Reply | NotFetched) -> str:
    """Return the rules; none where the site has no such file, which allows everything."""
    if isinstance(reply, NotFetched) or reply.status != HTTPStatus.OK:
        return ""
    return reply.body.decode("utf-8", "replace")
