"""A site in memory: pages under addresses, and whatever befalls those who ask for them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from typing import Final
from zlib import crc32

from maverick_core.pipeline.scraping.ports import (
    Answer,
    Fetched,
    NotFetched,
    Unchanged,
    Validators,
)
from maverick_core.pipeline.scraping.source import Source

_MISSING: Final = NotFetched("page_missing", "The site has no such page (404).")
_FORBIDDEN: Final = NotFetched("robots_forbidden", "The site's robots.txt forbids it.")
_TOO_LARGE: Final = NotFetched("page_too_large", "The page is larger than the source allows.")


class MemorySite:
    """Satisfies ``Pages``. ``visits`` counts each address as often as it was asked for.

    What robots are ``forbidden`` is not asked for; ``delay_seconds`` is what they are asked to
    leave between requests. A page is unchanged for whoever has it as it is.
    """

    def __init__(self, *, forbidden: Collection[str] = (), delay_seconds: float = 0.0) -> None:
        """Have no page yet."""
        self.visits: Counter[str] = Counter()
        self._forbidden = forbidden
        self._delay_seconds = delay_seconds
        self._pages: dict[str, tuple[str, bytes]] = {}
        self._answers: deque[Answer] = deque()

    def put(self, url: str, body: bytes, content_type: str = "text/html") -> None:
        """Have a page there from now on."""
        self._pages[url] = content_type, body

    def answer_fetch(self, *answers: Answer) -> None:
        """Answer the next that are allowed like these."""
        self._answers.extend(answers)

    def be_kind(self) -> None:
        """Answer whoever comes with what is there."""
        self._answers.clear()

    def fetch(self, url: str, source: Source, validators: Validators) -> Answer:
        """Give a page, unless the script says otherwise."""
        if url in self._forbidden:
            return _FORBIDDEN
        self.visits[url] += 1
        if self._answers:
            return self._answers.popleft()
        if url not in self._pages:
            return _MISSING
        content_type, body = self._pages[url]
        if len(body) > source.limits.page_bytes:
            return _TOO_LARGE
        etag = f'"{crc32(body):x}"'
        if validators.etag == etag:
            return Unchanged()
        return Fetched(url, body, content_type, Validators(etag))

    def crawl_delay(self, url: str) -> float:
        """Return what the site asks for."""
        del url
        return self._delay_seconds
