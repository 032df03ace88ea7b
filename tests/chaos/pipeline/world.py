"""What the pipeline meets: a site, a list, a provider; and the people in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from contracts.serving import Server, serve_app
from contracts.sites import ExampleSites
from contracts.sites.app import answer
from contracts.verifier.stub import VerifierStub

KEY: Final = "vk-stub"
ROWS: Final = 2_400  # of the list
PAGES: Final = 12
PEOPLE: Final = 20  # on a page
QUESTION: Final = 400  # mailboxes
LEASE_SECONDS: Final = 3.0  # of every stage
EVERY_SECONDS: Final = 0.1  # the site's pace
PROCESSING_SECONDS: Final = 0.3  # of each question


class Service:
    """A stub on a port of its own, which can be away for a while."""

    def __init__(self, app: WSGIApplication) -> None:
        """Listen."""
        self._app = app
        self._server: Server = serve_app(app)
        self._port = self._server.port
        self.url = self._server.url

    @contextmanager
    def away(self) -> Iterator[None]:
        """Refuse connections until the block ends."""
        self.close()
        try:
            yield
        finally:
            self._server = serve_app(self._app, self._port)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()


class World:
    """The site and the provider, and what is scripted of them."""

    def __init__(self) -> None:
        """Open both."""
        self.sites = ExampleSites(pages=PAGES, people=PEOPLE)
        self.verifier = VerifierStub(key=KEY, processing_seconds=PROCESSING_SECONDS)
        self.waits: list[float] = []
        """Seconds that the next requests for pages take, one each."""
        self.site = Service(self._slowly)
        self.provider = Service(self.verifier.app)

    @property
    def settings(self) -> dict[str, str]:
        """What Maverick has to know of them, and how patient it is."""
        return {
            "lease_seconds": str(LEASE_SECONDS),
            "scrape_loopback": "true",
            "verifier": "http",
            "verifier_url": self.provider.url,
            "verifier_key": KEY,
            "verifier_question_size": str(QUESTION),
        }

    @property
    def source(self) -> dict[str, object]:
        """Describe the site."""
        return {
            "name": "directory",
            "start": [f"{self.site.url}/directory?page={page}" for page in (1, PAGES // 2)],
            "item": ".agent",
            "next": "a.next",
            "fields": {"full_name": "h2", "company": ".company", "email": "a.mail@href"},
            "limits": {"requests_per_minute": round(60 / EVERY_SECONDS)},
        }

    @property
    def asked(self) -> int:
        """How many requests for its pages the site had."""
        return sum(visit.path == "/directory" for visit in self.sites.visits)

    def _slowly(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if self.waits and environ["PATH_INFO"] == "/directory":
            Event().wait(self.waits.pop())
        return self.sites.app(environ, start)

    def forbid(self) -> None:
        """Let the site's robots.txt forbid everything to the next who reads it."""
        said = b"User-agent: *\nDisallow: /\n"
        self.sites.script("/robots.txt", answer("200 OK", said, content_type="text/plain"))

    def close(self) -> None:
        """Close both."""
        self.site.close()
        self.provider.close()


def write_list(path: Path) -> None:
    """Write a list with people whom each stage turns away, for each of its reasons."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Email", "First Name", "Last Name", "Company"])
        rows.writerows(_row(number) for number in range(ROWS))


def _row(number: int) -> list[str]:
    firm = f"firm{number % 60}.example"
    email = {
        1: f"broken{number}@@{firm}",
        2: f"info@firm{number}.example",
        3: f"p{number - 8}x@firm{(number - 8) % 60}.example",  # the one eight rows before
        4: f"nobody{number}@{firm}",
        5: f"silent{number}@{firm}",
        6: f"p{number}x@any.example",
        7: "",
    }.get(number % 20, f"p{number}x@{firm}")
    name = "" if number % 20 == 8 else "Ann"
    return [email, name, "Lee", "Blue Sky Insurance"]
