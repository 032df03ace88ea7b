"""``Pages``: a page whole, unchanged or not to be had, and nothing that robots may not see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.site_hosts import DELAY_SECONDS, FORBIDDEN, HOSTS, NOWHERE, PAGE, WAIT_SECONDS, Host
from maverick_core.pipeline.scraping.ports import (
    Answer,
    Fetched,
    NotFetched,
    NotNow,
    Unchanged,
    Validators,
)
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.retry import Trouble


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Give each host in turn."""
    with HOSTS[request.param]() as host:
        yield host


def fetch(
    host: Host, path: str, validators: Validators | None = None, page_bytes: int = 50_000
) -> Answer:
    """Ask for a page as a source would."""
    described = {"name": "site", "kind": "html", "start": host.url + PAGE}
    source = parse_source({**described, "limits": {"page_bytes": page_bytes}})
    return host.pages.fetch(host.url + path, source, validators or Validators())


def test_a_page_comes_whole_and_says_where_it_was(host: Host) -> None:
    """With what it can be asked for again by."""
    found = fetch(host, PAGE)

    assert isinstance(found, Fetched)
    assert found.url == host.url + PAGE
    assert b"Agents" in found.body
    assert found.content_type.startswith("text/html")
    assert found.validators != Validators()


def test_a_page_that_has_not_changed_is_not_sent_again(host: Host) -> None:
    """Only for whoever has it as it is."""
    first = fetch(host, PAGE)
    assert isinstance(first, Fetched)

    assert isinstance(fetch(host, PAGE, first.validators), Unchanged)
    assert isinstance(fetch(host, PAGE, Validators('"another"')), Fetched)


def test_what_is_not_there_is_not_there_the_next_time(host: Host) -> None:
    """Asking again is no use, and why is said in words."""
    found = fetch(host, NOWHERE)

    assert isinstance(found, NotFetched)
    assert found.code == "page_missing"
    assert found.why


def test_what_robots_may_not_see_is_not_asked_for(host: Host) -> None:
    """Not even to see what is there."""
    found = fetch(host, FORBIDDEN)

    assert isinstance(found, NotFetched)
    assert found.code == "robots_forbidden"
    assert host.asked_for(FORBIDDEN) == 0


def test_a_page_larger_than_the_source_allows_is_left(host: Host) -> None:
    """Whatever of it was read by then."""
    found = fetch(host, PAGE, page_bytes=1_000)

    assert isinstance(found, NotFetched)
    assert found.code == "page_too_large"


def test_a_busy_site_says_when_to_come_again(host: Host) -> None:
    """And is not busy for good."""
    host.is_busy_once()
    found = fetch(host, PAGE)

    assert isinstance(found, NotNow)
    assert (found.trouble, found.retry_after) == (Trouble.LIMITED, WAIT_SECONDS)
    assert isinstance(fetch(host, PAGE), Fetched)


def test_a_site_is_asked_how_fast_it_may_be_read(host: Host) -> None:
    """Once for all its pages, and before the first of them."""
    assert host.pages.crawl_delay(host.url + PAGE) == DELAY_SECONDS
    assert host.asked_for(PAGE) == 0
