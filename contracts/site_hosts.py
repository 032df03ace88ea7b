"""A site in two shapes, in memory and behind a socket, with the few verbs that set a scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Final, Protocol

from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from maverick_adapters.memory.site import MemorySite
from maverick_adapters.sources import Guard, WebPages
from maverick_core.pipeline.scraping.ports import NotNow, Pages
from maverick_core.retry import Trouble

PAGE: Final = "/directory"
FORBIDDEN: Final = "/private/list"
NOWHERE: Final = "/no-such-page"
DELAY_SECONDS: Final = 7.0
WAIT_SECONDS: Final = 11.0


class Host(Protocol):
    """Somebody's site: ``PAGE`` is there, ``FORBIDDEN`` is not for robots."""

    pages: Pages
    url: str

    def asked_for(self, path: str) -> int:
        """Return how often it was."""
        ...

    def is_busy_once(self) -> None:
        """Ask the next visitor of ``PAGE`` to come again after ``WAIT_SECONDS``."""
        ...


class InMemory:
    """The fake."""

    url = "http://site.example"

    def __init__(self) -> None:
        """Have the page."""
        self._site = MemorySite(forbidden=[self.url + FORBIDDEN], delay_seconds=DELAY_SECONDS)
        self._site.put(self.url + PAGE, b"<h1>Agents</h1>" + b"<p>and more</p>" * 100)
        self.pages: Pages = self._site

    def asked_for(self, path: str) -> int:
        return self._site.visits[self.url + path]

    def is_busy_once(self) -> None:
        self._site.answer_fetch(NotNow(Trouble.LIMITED, "429", WAIT_SECONDS))


class BehindSocket:
    """An example site, and the web between."""

    def __init__(self, sites: ExampleSites, url: str, pages: WebPages) -> None:
        """Serve it at ``url``."""
        self._sites = sites
        self.url = url
        self.pages: Pages = pages

    def asked_for(self, path: str) -> int:
        return sum(visit.path == path for visit in self._sites.visits)

    def is_busy_once(self) -> None:
        busy = answer("429 Too Many Requests", retry_after=f"{WAIT_SECONDS:.0f}")
        self._sites.script(PAGE, busy)


@contextmanager
def _in_memory() -> Iterator[Host]:
    yield InMemory()


@contextmanager
def _behind_socket() -> Iterator[Host]:
    robots = f"User-agent: *\nDisallow: /private\nCrawl-delay: {DELAY_SECONDS:.0f}\n"
    sites = ExampleSites(robots=robots)
    with serve(sites) as server:
        pages = WebPages(Guard(loopback_allowed=True))
        yield BehindSocket(sites, server.url, pages)
        pages.close()


HOSTS: Final[Mapping[str, Callable[[], AbstractContextManager[Host]]]] = MappingProxyType(
    {"memory": _in_memory, "web": _behind_socket}
)
