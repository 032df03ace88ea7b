"""The sites as one application: pages with validators, a robots.txt, and faults on demand."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Final, NamedTuple
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from contracts.serving import Server, serve_app
from contracts.sites.pages import agency, listing, records
from contracts.sites.people import Person, person

ROBOTS: Final = "User-agent: *\nDisallow: /private\n"

_SHAPES: Final[dict[str, tuple[str, str, Callable[[Iterable[Person], str | None], str]]]] = {
    "/directory": ("directory", "text/html; charset=utf-8", listing),
    "/api/agents": ("api", "application/json", records),
    "/agencies": ("agencies", "text/html; charset=utf-8", agency),
}


class Visit(NamedTuple):
    """A request that was made."""

    path: str
    page: int
    conditional: bool


class ExampleSites:
    """Three sites of ``pages`` pages with ``people`` people on each."""

    def __init__(self, *, pages: int = 3, people: int = 10, robots: str = ROBOTS) -> None:
        """Make the sites; ``robots`` is what their robots.txt says."""
        self.visits: list[Visit] = []
        self._pages = pages
        self._people = people
        self._robots = robots
        self._scripted: defaultdict[str, deque[WSGIApplication]] = defaultdict(deque)
        self._lock = Lock()

    def script(self, path: str, *answers: WSGIApplication) -> None:
        """Answer the next requests to ``path`` so, one each, before going on as ever."""
        with self._lock:
            self._scripted[path].extend(answers)

    def people(self, path: str) -> Sequence[Person]:
        """Return all people of the site at ``path``, in order."""
        site, _, _ = _SHAPES[path]
        return [person(site, number) for number in range(self._pages * self._people)]

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        page = int(parse_qs(environ["QUERY_STRING"]).get("page", ["1"])[0])
        with self._lock:
            conditional = "HTTP_IF_NONE_MATCH" in environ
            self.visits.append(Visit(path, page, conditional))
            scripted = self._scripted[path].popleft() if self._scripted[path] else None
        if scripted is not None:
            return scripted(environ, start)
        if path == "/robots.txt":
            return _give(environ, start, "text/plain", self._robots)
        if path not in _SHAPES or not 1 <= page <= self._pages:
            return answer("404 Not Found")(environ, start)
        site, content_type, shape = _SHAPES[path]
        first = (page - 1) * self._people
        there = [person(site, number) for number in range(first, first + self._people)]
        onwards = f"{path}?page={page + 1}" if page < self._pages else None
        return _give(environ, start, content_type, shape(there, onwards))


def answer(status: str, body: bytes = b"", **headers: str) -> WSGIApplication:
    """Return what gives one fixed answer; names of headers are written with underscores."""
    dashed = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def app(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start(status, dashed)
        return [body]

    return app


def serve(sites: ExampleSites, port: int = 0) -> Server:
    """Listen on the loopback interface; port 0 finds a free one (``Server.port``)."""
    return serve_app(sites.app, port)


def _give(
    environ: WSGIEnvironment, start: StartResponse, content_type: str, text: str
) -> Iterable[bytes]:
    body = text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if environ.get("HTTP_IF_NONE_MATCH") == etag:
        start("304 Not Modified", [("etag", etag)])
        return []
    start("200 OK", [("content-type", content_type), ("etag", etag)])
    return [body]
