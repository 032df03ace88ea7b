"""Fetches lists of domains: over HTTP from public hosts only, or from a file of this machine."""

from __future__ import annotations

from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from maverick_adapters.sources.guard import Guard
from maverick_adapters.sources.redirects import followed
from maverick_adapters.sources.transport import Reply, Transport, conditions
from maverick_core.pipeline.filtering.disposable import bad_list, list_unavailable
from maverick_core.pipeline.filtering.ports import ListText
from maverick_core.pipeline.scraping.addresses import BadAddress, page_url
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow, Validators

MOST_BYTES: Final = 16 << 20
"""Some 800,000 domains; the longest public lists have a quarter of that."""
SECONDS: Final = 60.0

_AGENT: Final = "maverick/1.0"
_PAGES: Final = ("text/html", "application/xhtml+xml")


class FetchedLists:
    """Satisfies ``DomainLists``. Safe to share between threads.

    Whoever set the address wants it fetched, so robots.txt is not asked.
    """

    def __init__(
        self, guard: Guard, *, most_bytes: int = MOST_BYTES, seconds: float = SECONDS
    ) -> None:
        """Fetch what ``guard`` allows, within the limits; redirects share the time."""
        self._guard = guard
        self._most_bytes = most_bytes
        self._seconds = seconds

    def name(self, source: str) -> str:
        """Leave out what follows a question mark, and a file's folder; see ``DomainLists``."""
        if not _is_url(source):
            return Path(source).name
        try:
            parts = urlsplit(source)
        except ValueError:
            raise bad_list("It is no address.") from None  # its words may quote a password
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def fetch_list(
        self, source: str, *, etag: str | None, last_modified: str | None
    ) -> ListText | None:
        """Fetch one; see ``DomainLists.fetch_list``."""
        if not _is_url(source):
            return ListText(_text(self._file(Path(source))))
        try:
            url = page_url(source)
        except BadAddress as error:
            raise bad_list(str(error)) from error
        with closing(Transport(self._guard, _AGENT)) as transport:
            reply = followed(
                transport,
                url,
                headers=conditions(Validators(etag, last_modified)),
                most_bytes=self._most_bytes,
                seconds=self._seconds,
            )
        return _judged(reply)

    def _file(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(self._most_bytes + 1)
        except OSError as error:
            raise bad_list(f"{path.name} cannot be read: {error.strerror}.") from error
        if len(data) > self._most_bytes:
            raise bad_list(f"{path.name} is larger than {self._most_bytes:,} bytes.")
        return data


def _judged(reply: Reply | NotFetched | NotNow) -> ListText | None:
    if isinstance(reply, NotFetched):
        raise bad_list(reply.why)
    if isinstance(reply, NotNow):
        raise list_unavailable(reply.why)
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return None
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= 500:  # noqa: PLR2004 - its fault
        raise list_unavailable(f"The site says {reply.status}.")
    if reply.status != HTTPStatus.OK:
        raise bad_list(f"The site says {reply.status}.")
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _PAGES:
        raise bad_list("It is a page (HTML), such as networks show before they let anybody out.")
    headers = reply.headers
    return ListText(_text(reply.body), headers.get("etag"), headers.get("last-modified"))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad_list("It is not text.") from error
    if "\0" in text:
        raise bad_list("It is not text.")
    return text


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))
