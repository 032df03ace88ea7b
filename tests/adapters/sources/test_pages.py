"""Pages are fetched from public hosts, within bounds, and as robots.txt allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from threading import Event
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from contracts.serving import AnswerDropped, Server
from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from maverick_adapters.sources import WebPages
from maverick_adapters.sources.guard import Guard
from maverick_core.pipeline.scraping.ports import (
    Fetched,
    NotFetched,
    NotNow,
    Unchanged,
    Validators,
)
from maverick_core.pipeline.scraping.source import Source, parse_source
from maverick_core.retry import Trouble

ANY = Validators()


@pytest.fixture
def sites() -> ExampleSites:
    """Make sites that are visited by nobody else."""
    return ExampleSites()


@pytest.fixture
def server(sites: ExampleSites) -> Iterator[Server]:
    """Serve them on this machine."""
    with serve(sites) as server:
        yield server


@pytest.fixture
def pages() -> Iterator[WebPages]:
    """Fetch from this machine too."""
    pages = WebPages(Guard(loopback_allowed=True))
    yield pages
    pages.close()


def source(url: str, **limits: int) -> Source:
    """Describe the site at ``url``."""
    return parse_source({"name": "site", "kind": "html", "start": url, "limits": limits})


def test_a_page_is_fetched_and_asked_for_again_by_its_validators(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """A site that says so is spared the second transfer."""
    url = f"{server.url}/directory"

    first = pages.fetch(url, source(url), ANY)
    assert isinstance(first, Fetched)
    second = pages.fetch(url, source(url), first.validators)

    assert first.url == url
    assert b"Agents" in first.body
    assert isinstance(second, Unchanged)
    assert [visit.path for visit in sites.visits] == ["/robots.txt", "/directory", "/directory"]


def test_what_robots_txt_forbids_is_not_asked_for(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """Not even to see what is there."""
    url = f"{server.url}/private/list"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "robots_forbidden"
    assert [visit.path for visit in sites.visits] == ["/robots.txt"]


def test_a_site_without_robots_txt_allows_everything(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """RFC 9309 2.3.1.3."""
    sites.script("/robots.txt", answer("404 Not Found"))
    url = f"{server.url}/private/list"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "page_missing"


def test_a_robots_txt_that_cannot_be_read_forbids_everything(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """RFC 9309 2.3.1.4; it is asked for again with the next page."""
    sites.script("/robots.txt", answer("503 Service Unavailable"))
    url = f"{server.url}/directory"

    assert isinstance(pages.fetch(url, source(url), ANY), NotNow | NotFetched)
    assert isinstance(pages.fetch(url, source(url), ANY), Fetched)


def test_a_robots_txt_that_is_endless_forbids_everything(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """Half a megabyte is read, as RFC 9309 2.5 asks; nobody knows what stands behind that."""
    sites.script("/robots.txt", answer("200 OK", b"# and so on\n" * 50_000))
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "robots_unknown"


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 7\n", 7.0),
        ("User-agent: *\nRequest-rate: 1/10\n", 10.0),
        ("User-agent: maverick\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 9\n", 3.0),
        ("User-agent: *\nCrawl-delay: 100000\n", 300.0),
        ("", 0.0),
    ],
)
def test_the_site_says_how_fast_it_is_read(robots: str, seconds: float) -> None:
    """For this robot by name, or for all; up to five minutes."""
    pages = WebPages(Guard(loopback_allowed=True))
    with serve(ExampleSites(robots=robots)) as server:
        assert pages.crawl_delay(f"{server.url}/directory") == seconds
    pages.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 Not Found", "page_missing"),
        ("410 Gone", "page_missing"),
        ("401 Unauthorized", "page_forbidden"),
        ("403 Forbidden", "page_forbidden"),
        ("418 I'm a teapot", "page_refused"),
    ],
)
def test_a_refusal_is_final(
    pages: WebPages, server: Server, sites: ExampleSites, status: str, code: str
) -> None:
    """Asking again would bring the same."""
    sites.script("/directory", answer(status))
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == code
    assert found.why


@pytest.mark.parametrize(
    ("status", "headers", "trouble", "wait"),
    [
        ("429 Too Many Requests", {"retry_after": "7"}, Trouble.LIMITED, 7.0),
        ("503 Service Unavailable", {}, Trouble.UNAVAILABLE, None),
        ("500 Internal Server Error", {"retry_after": "soon"}, Trouble.UNAVAILABLE, None),
        ("408 Request Timeout", {}, Trouble.UNAVAILABLE, None),
    ],
)
def test_a_site_in_trouble_is_asked_again_later(
    pages: WebPages,
    server: Server,
    sites: ExampleSites,
    status: str,
    headers: dict[str, str],
    trouble: Trouble,
    wait: float | None,
) -> None:
    """After as long as it asks for."""
    sites.script("/directory", answer(status, b"", **headers))
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotNow)
    assert (found.trouble, found.retry_after) == (trouble, wait)


def test_a_broken_connection_is_trouble(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """Nothing is raised for what a site does."""

    def dropped(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        raise AnswerDropped

    sites.script("/directory", dropped)
    url = f"{server.url}/directory"

    assert isinstance(pages.fetch(url, source(url), ANY), NotNow)


def test_a_page_that_is_too_large_is_left(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """Before it fills the memory; the limit is the source's own."""
    sites.script("/directory", answer("200 OK", b"x" * 5_000, content_type="text/html"))
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url, page_bytes=4_000), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "page_too_large"


def test_a_picture_is_no_page(pages: WebPages, server: Server, sites: ExampleSites) -> None:
    """The content type says so before it is taken apart."""
    sites.script("/directory", answer("200 OK", b"GIF89a", content_type="image/gif"))
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "wrong_content"


def test_a_silent_server_is_waited_for_no_longer_than_the_source_says(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """A thread that waits for ever is a worker less."""
    over = Event()

    def silent(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        over.wait(60)
        return answer("200 OK")(environ, start)

    sites.script("/directory", silent)
    url = f"{server.url}/directory"

    found = pages.fetch(url, source(url, page_seconds=1), ANY)
    over.set()

    assert isinstance(found, NotNow)
    assert found.why == "The site did not answer in time."


def test_redirects_share_the_time_of_a_page(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """A site that sends us round slowly holds us no longer than one that is slow."""
    over = Event()

    def slow(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        over.wait(0.45)
        return answer("302 Found", location="/ring")(environ, start)

    sites.script("/ring", *[slow] * 9)
    url = f"{server.url}/ring"

    found = pages.fetch(url, source(url, page_seconds=1), ANY)
    over.set()

    assert isinstance(found, NotNow)
    assert found.why == "The site did not answer in time."
    assert len([visit for visit in sites.visits if visit.path == "/ring"]) <= 3


def test_a_redirect_is_followed_and_the_page_is_where_it_ends(
    pages: WebPages, server: Server, sites: ExampleSites
) -> None:
    """Links on it are followed from there."""
    sites.script("/old", answer("301 Moved Permanently", location="/directory?page=2"))
    url = f"{server.url}/old"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, Fetched)
    assert found.url == f"{server.url}/directory?page=2"


def test_a_redirect_in_a_ring_ends(pages: WebPages, server: Server, sites: ExampleSites) -> None:
    """After five."""
    sites.script("/ring", *[answer("302 Found", location="/ring")] * 9)
    url = f"{server.url}/ring"

    found = pages.fetch(url, source(url), ANY)

    assert isinstance(found, NotFetched)
    assert found.code == "too_many_redirects"
    assert len([visit for visit in sites.visits if visit.path == "/ring"]) == 6


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("/private/list", "robots_forbidden"),
        ("http://inside.test/", "address_private"),
        ("http://169.254.169.254/latest/meta-data/", "address_private"),
        ("http://[::ffff:169.254.1.1]/", "address_private"),
        ("file:///etc/passwd", "bad_redirect"),
        ("http://ann:secret@inside.test/", "bad_redirect"),
    ],
)
def test_a_redirect_is_judged_like_a_first_address(
    server: Server, sites: ExampleSites, location: str, code: str
) -> None:
    """Where it leads, by text, by robots.txt and by the address that the name stands for."""
    names = {"127.0.0.1": ["127.0.0.1"], "inside.test": ["169.254.7.7"]}
    pages = WebPages(Guard(resolve=lambda host, _: names.get(host, [host]), loopback_allowed=True))
    sites.script("/away", answer("302 Found", location=location))
    url = f"{server.url}/away"

    found = pages.fetch(url, source(url), ANY)
    pages.close()

    assert isinstance(found, NotFetched)
    assert found.code == code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "0.0.0.0",  # noqa: S104 - refused here
    ],
)
def test_this_machine_is_not_public(sites: ExampleSites, server: Server, host: str) -> None:
    """However it is spelt; without the setting, no request arrives."""
    pages = WebPages(Guard())
    url = f"http://{host}:{server.port}/directory"

    found = pages.fetch(url, source(url), ANY)
    pages.close()

    assert isinstance(found, NotFetched)
    assert found.code in {"address_private", "host_unknown"}
    assert sites.visits == []


def test_one_private_address_of_many_is_enough_to_refuse() -> None:
    """A name that has both would be connected to at one or the other."""
    pages = WebPages(Guard(resolve=lambda _host, _port: ["1.1.1.1", "169.254.1.1"]))
    url = "http://both.test/"

    found = pages.fetch(url, source(url), ANY)
    pages.close()

    assert isinstance(found, NotFetched)
    assert found.code == "address_private"


def test_a_name_that_changes_its_mind_gains_nothing(server: Server, sites: ExampleSites) -> None:
    """The address that was judged is the one that is connected to: no second look-up is made."""
    answers: list[Sequence[str]] = []

    def rebinding(_host: str, _port: int) -> Sequence[str]:
        answers.append(["127.0.0.1"] if len(answers) % 2 == 0 else ["169.254.1.1"])
        return answers[-1]

    pages = WebPages(Guard(resolve=rebinding, loopback_allowed=True))
    url = f"http://rebinding.test:{server.port}/directory"

    found = pages.fetch(url, source(url), ANY)
    pages.close()

    assert isinstance(found, NotFetched)
    assert found.code == "address_private"
    assert [visit.path for visit in sites.visits] == ["/robots.txt"]


def test_the_host_is_told_its_name_and_who_asks(server: Server, sites: ExampleSites) -> None:
    """Many sites live at one address; and a site may want to write to whoever reads it."""
    heard: list[WSGIEnvironment] = []

    def hear(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        heard.append(environ)
        start("200 OK", [("content-type", "text/html")])
        return [b"<p>Hello</p>"]

    sites.script("/directory", hear)
    pages = WebPages(
        Guard(resolve=lambda _host, _port: ["127.0.0.1"], loopback_allowed=True),
        contact="https://maverick.example/robot",
    )
    url = f"http://directory.test:{server.port}/directory"

    assert isinstance(pages.fetch(url, source(url), ANY), Fetched)
    pages.close()
    (environ,) = heard
    assert environ["HTTP_HOST"] == f"directory.test:{server.port}"
    assert environ["HTTP_USER_AGENT"] == "maverick/1.0 (+https://maverick.example/robot)"
