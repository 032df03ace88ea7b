"""A scrape that is killed, or asked to stop, and goes on in another process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from sqlalchemy import Table, select

from contracts.serving import serve_app
from contracts.sites import ExampleSites
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.sql.tables import page_validators, raw_contacts, scrape_pages, scrape_runs
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.workspaces.rules import new_workspace
from tests.e2e.desk import MAVERICK, wait_for
from tests.e2e.scraper import Moment

PAGES: Final = 14
PEOPLE: Final = 5  # on a page
STARTS: Final = (1, 6, 11)
EVERY_SECONDS: Final = 0.15
ROOT: Final = Path(__file__).parents[2]

KILLS: Final = (
    Moment("before fetch", 2),  # in the middle of the start addresses
    Moment("after take_turn", 1),  # the same page: its turn is spent
    Moment("after fetch", 2),  # fetched, and not on record
    Moment("after fetch", 1),  # the same page, twice in a row
    Moment("after page_done", 2),  # between two pages
    Moment("before commit", 2),  # of a page; the first is of its turn
    Moment("before commit", 3),
    Moment("before commit", 4),
)
"""One after the other, each in a process of its own."""

UNLIKE: Final = {"id", "workspace_id", "origin_id", "run_id", "source_id", "seen_at", "added_at"}
UNLIKE_TOO: Final = {"fetched_at", "fence", "claims", "started_at", "finished_at"}
"""Columns that two runs of the same pages differ in."""


class Request(NamedTuple):
    """A request for a page of the directory, and when it came."""

    at: float
    page: str


class Site:
    """The example sites, and who asked for what when."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._sites = ExampleSites(pages=PAGES, people=PEOPLE)

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/directory":
            self.requests.append(Request(time.monotonic(), environ["QUERY_STRING"]))
        return self._sites.app(environ, start)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    with serve_app(site.app) as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgres"])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    """Wire an empty database."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'maverick.db'}"
    else:
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres_database")
        address = fresh()
    settings = load_settings(_env_file=None, database_url=address, scrape_loopback=True)
    with wire(settings) as wired:
        upgrade(wired.engine)
        yield wired


def begun(wired: Wired, slug: str, url: str) -> int:
    """Return a run of the directory, for a workspace of its own."""
    described = {
        "name": "directory",
        "start": [f"{url}/directory?page={page}" for page in STARTS],
        "item": ".agent",
        "next": "a.next",
        "fields": {"full_name": "h2", "email": "a.mail@href"},
        "limits": {"requests_per_minute": round(60 / EVERY_SECONDS)},
    }
    workspace = wired.store.add_workspace(new_workspace(slug, "America/New_York"))
    at = wired.clock.now()
    source = wired.store.put_source(workspace.id, parse_source(described), by="pat", at=at)
    return wired.store.begin_run(source, at=at)


def undisturbed(wired: Wired, url: str) -> int:
    """Return a run that nobody disturbed, for a workspace of its own."""
    run_id = begun(wired, "calm", url)
    end = wired.run_source(run_id, worker="calm", breath=wired.airfield.flights())

    assert end is not None
    counts = end.counts
    assert (counts.pages, counts.contacts, counts.due) == (PAGES, PAGES * PEOPLE, 0)
    return run_id


def kept(wired: Wired, run_id: int) -> dict[str, Sequence[Any]]:
    """Return all that a run left on record, as far as another one of its pages leaves the same."""
    run = scrape_runs.c.id == run_id
    with wired.engine.connect() as connection:
        source = connection.execute(select(scrape_runs.c.source_id).where(run)).scalar_one()
        where = {
            scrape_runs: run,
            scrape_pages: scrape_pages.c.run_id == run_id,
            raw_contacts: raw_contacts.c.origin_id == run_id,
            page_validators: page_validators.c.source_id == source,
        }
        return {
            table.name: connection.execute(
                select(*_alike(table)).where(rows).order_by(*table.primary_key)
            ).all()
            for table, rows in where.items()
        }


def _alike(table: Table) -> Sequence[Any]:
    return [column for column in table.c if column.name not in UNLIKE | UNLIKE_TOO]


def scraper(wired: Wired, run_id: int, moment: Moment | None = None) -> int:
    """Go on with the run in another process; return its exit code."""
    address = wired.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.e2e.scraper", address, str(run_id)]
    command += [str(each) for each in moment or ()]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def test_a_scrape_killed_time_and_again_ends_as_an_undisturbed_one(
    wired: Wired, site: Site, url: str
) -> None:
    """Contacts, pages, counts and validators are the same; no page is asked for without reason.

    The pace for the host is kept by whoever goes on too.
    """
    calm = undisturbed(wired, url)
    killed = begun(wired, "killed", url)
    site.requests.clear()

    codes = [scraper(wired, killed, moment) for moment in KILLS]
    before = len(site.requests)
    assert codes == [-9] * len(KILLS)
    assert scraper(wired, killed) == 0

    assert kept(wired, killed) == kept(wired, calm)
    asked = Counter(request.page for request in site.requests)
    assert len(asked) == PAGES
    assert asked.total() <= PAGES + len(KILLS)
    assert max(asked.values()) <= 3  # where it was killed twice in a row
    last = [request.at for request in site.requests[before:]]
    # A request may come later than its turn, never earlier: two turns of room for a busy machine.
    assert len(last) > 4
    assert last[-1] - last[0] >= EVERY_SECONDS * (len(last) - 3)


def test_who_is_asked_to_stop_leaves_the_run_to_the_next_at_once(
    wired: Wired, site: Site, url: str
) -> None:
    """SIGTERM to the command, whose lease is of ten minutes; no page is asked for again."""
    calm = undisturbed(wired, url)
    stopped = begun(wired, "stopped", url)
    site.requests.clear()
    address = wired.engine.url.render_as_string(hide_password=False)
    environment = {"MAVERICK_DATABASE_URL": address, "MAVERICK_SCRAPE_LOOPBACK": "true"}
    command = [MAVERICK, "sources", "run", "directory", "-w", "stopped"]

    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as first:
        wait_for(lambda: len(site.requests) > 3)
        first.terminate()
        _, said = first.communicate(timeout=60)
    second = subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)

    assert (first.returncode, second.returncode) == (130, 0), said
    assert kept(wired, stopped) == kept(wired, calm)
    asked = Counter(request.page for request in site.requests)
    assert asked.total() <= PAGES + 1  # the one that was under way
