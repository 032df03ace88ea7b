"""Lists of domains are fetched from public hosts and from files, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from contracts.serving import AnswerDropped, Server
from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from maverick_adapters.sources import FetchedLists, Guard
from maverick_core.kernel.errors import MaverickError, Rejected, Unavailable
from maverick_core.pipeline.filtering.ports import ListText

LIST = b"throwaway.example\n"
PATH = "/domains.txt"


@pytest.fixture
def sites() -> ExampleSites:
    """Make a site that says what a test scripts; its robots.txt allows nothing."""
    return ExampleSites(robots="User-agent: *\nDisallow: /\n")


@pytest.fixture
def server(sites: ExampleSites) -> Iterator[Server]:
    """Serve it on this machine."""
    with serve(sites) as server:
        yield server


@pytest.fixture
def lists() -> FetchedLists:
    """Fetch from this machine too, a kilobyte at most."""
    return FetchedLists(Guard(loopback_allowed=True), most_bytes=1_024, seconds=5)


def fetch(lists: FetchedLists, source: str, etag: str | None = None) -> ListText | None:
    """Fetch one."""
    return lists.fetch_list(source, etag=etag, last_modified=None)


def refusal(lists: FetchedLists, source: str) -> MaverickError:
    """Return what is raised."""
    with pytest.raises(MaverickError) as refused:
        fetch(lists, source)
    return refused.value


def test_a_list_is_fetched_and_asked_for_again_by_its_etag(
    lists: FetchedLists, server: Server, sites: ExampleSites
) -> None:
    """A site that says so is spared the second transfer; robots.txt is not asked."""
    given = {"content_type": "text/plain", "etag": '"7"', "last_modified": "Mon"}
    sites.script(PATH, answer("200 OK", LIST, **given), answer("304 Not Modified", etag='"7"'))

    first = fetch(lists, f"{server.url}{PATH}")
    second = fetch(lists, f"{server.url}{PATH}", '"7"')

    assert (first, second) == (ListText(LIST.decode(), '"7"', "Mon"), None)
    assert [(visit.path, visit.conditional) for visit in sites.visits] == [
        (PATH, False),
        (PATH, True),
    ]


def test_nothing_but_public_hosts_is_asked(server: Server, sites: ExampleSites) -> None:
    """Not this machine, not its network."""
    lists = FetchedLists(Guard())

    error = refusal(lists, f"{server.url}{PATH}")

    assert error.code == "bad_domain_list"
    assert "not on the public internet" in str(error)
    assert sites.visits == []


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://[::ffff:169.254.1.1]/domains.txt", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data", "not on the public internet"),
        ("file:///etc/passwd", "no page"),
        (PATH, "on and on"),
    ],
)
def test_a_redirect_is_judged_like_a_first_address(
    lists: FetchedLists, server: Server, sites: ExampleSites, target: str, why: str
) -> None:
    """However often it leads on."""
    sites.script(PATH, *[answer("302 Found", location=target)] * 9)

    assert why in str(refusal(lists, f"{server.url}{PATH}"))


def test_a_redirect_to_a_list_is_followed(
    lists: FetchedLists, server: Server, sites: ExampleSites
) -> None:
    """As hosts of such lists do."""
    sites.script("/latest", answer("301 Moved Permanently", location=PATH))
    sites.script(PATH, answer("200 OK", LIST))

    assert fetch(lists, f"{server.url}/latest") == ListText(LIST.decode())


@pytest.mark.parametrize(
    ("status", "body", "kind", "why"),
    [
        ("404 Not Found", b"", "text/plain", "404"),
        ("403 Forbidden", LIST, "text/plain", "403"),
        ("200 OK", b"<p>Log in</p>", "text/html; charset=utf-8", "HTML"),
        ("200 OK", b"\xff\xfe\x00", "text/plain", "not text"),
        ("200 OK", b"PK\x03\x04\x00\x00", "application/octet-stream", "not text"),
        ("200 OK", LIST * 100, "text/plain", "larger than 1,024"),
    ],
)
def test_what_is_no_list_is_refused(
    lists: FetchedLists,
    server: Server,
    sites: ExampleSites,
    status: str,
    body: bytes,
    kind: str,
    why: str,
) -> None:
    """With the reason; asking again would bring the same."""
    sites.script(PATH, answer(status, body, content_type=kind))

    error = refusal(lists, f"{server.url}{PATH}")

    assert isinstance(error, Rejected)
    assert why in str(error)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_site_that_has_a_problem_is_asked_later(
    lists: FetchedLists, server: Server, sites: ExampleSites, status: str
) -> None:
    """So the job comes again by itself."""
    sites.script(PATH, answer(status))

    assert isinstance(refusal(lists, f"{server.url}{PATH}"), Unavailable)


def test_a_site_that_hangs_is_given_up(server: Server, sites: ExampleSites) -> None:
    """After the time that a list has."""
    done = Event()

    def hang(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        done.wait(30)
        raise AnswerDropped

    sites.script(PATH, hang)
    lists = FetchedLists(Guard(loopback_allowed=True), seconds=0.2)

    error = refusal(lists, f"{server.url}{PATH}")
    done.set()

    assert error.code == "domain_list_unavailable"
    assert "in time" in str(error)


def test_a_file_is_a_list_too(lists: FetchedLists, tmp_path: Path) -> None:
    """With or without a byte order mark, as large as any other."""
    file = tmp_path / "domains.txt"
    file.write_bytes(b"\xef\xbb\xbf" + LIST)

    assert fetch(lists, str(file)) == ListText(LIST.decode())
    file.write_bytes(LIST * 100)
    assert "larger than 1,024" in str(refusal(lists, str(file)))
    file.unlink()
    error = refusal(lists, str(file))
    assert "domains.txt cannot be read" in str(error)
    assert str(tmp_path) not in str(error)


@pytest.mark.parametrize("source", ["https://[::1/list", "https://pat:hush@a\u2100b/list"])
def test_what_is_no_address_is_refused_where_it_is_named(lists: FetchedLists, source: str) -> None:
    """In words that tell nothing of it: it is what was set by mistake, or a password and all."""
    with pytest.raises(Rejected, match="no address") as refused:
        lists.name(source)

    assert refused.value.code == "bad_domain_list"
    assert refused.value.__cause__ is None
    assert refusal(lists, source).code == "bad_domain_list"


def test_a_source_is_named_without_its_secrets(lists: FetchedLists) -> None:
    """What follows a question mark may be a key; an address with a user is not fetched."""
    assert lists.name("https://lists.example/d.txt?key=hush") == "https://lists.example/d.txt"
    assert lists.name("https://pat:hush@lists.example/d.txt") == "https://lists.example/d.txt"
    assert lists.name("lists/of/pat/d.txt") == "d.txt"
    assert "hush" not in str(refusal(lists, "https://pat:hush@lists.example/d.txt"))
