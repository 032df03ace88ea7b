"""A directory of a local site, scraped into PostgreSQL. Run as a module, it is one run.

python -m benchmarks.scraping DATABASE URL REQUESTS_PER_MINUTE
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import httpx
import psycopg
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.raw_site import PEOPLE
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from benchmarks.upload import calm
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases

_SLUG: Final = "client"
_PACE: Final = 100  # pages a second
_NO_PACE: Final = 1_000  # the most that a source can be told: ten times what comes of it
_SHARE: Final = 10  # pages are a tenth of what is rows elsewhere


def measure(scale: Scale, databases: Databases) -> Result:
    """Scrape at a pace, and with none; beside a plain script, and a tenth of the pages."""
    fresh = databases.template(_build)
    many = scale.rows // _SHARE
    ours = partial(_run, databases, fresh)
    found = alternate(
        scale.rounds,
        {
            f"Maverick, {_PACE} pages/s, {many:,}": (many, partial(ours, many, _PACE)),
            f"Maverick, no pace, {many // 10:,}": (many // 10, partial(ours, many // 10, _NO_PACE)),
            f"Maverick, no pace, {many:,}": (many, partial(ours, many, _NO_PACE)),
            f"plain script, {many:,}": (many, partial(_plain_script, many)),
        },
    )
    paced, small, large, plain = found.values()
    return Result(
        "scrape",
        ("", "pages/s", "slowest, fastest", "seconds", "CPU seconds", "peak MiB"),
        [
            (
                name,
                f"{s.rate:,.0f}",
                s.spread,
                f"{s.seconds:.2f}",
                f"{s.median('cpu_seconds'):.2f}",
                f"{s.peak_mib:.0f}",
            )
            for name, s in found.items()
        ],
        [
            goal("Time ÷ what the pace asks for", paced.seconds / (many / _PACE), most=1.1),
            f"Pages a second with no pace ÷ the plain script's: **{large.rate / plain.rate:.2f}**",
            goal("Time for ten times the pages", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the pages", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


def _build(address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))


@contextmanager
def _site(pages: int) -> Iterator[str]:
    """Run the site in a process of its own and give its address."""
    command = [sys.executable, "-m", "benchmarks.raw_site", "--pages", str(pages)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _run(databases: Databases, fresh: Callable[[], str], pages: int, pace: int) -> Figures:
    """Scrape in a fresh process into a fresh database, and prove the outcome.

    Raises:
        NotExactError: a page was asked for twice, or not read, or somebody on it is not on record.

    """
    address = fresh()
    calm(address)
    with _site(pages) as site:
        figures = child.run("scraping", address, f"{site}/people?page=1", pace * 60)
        visits = httpx.get(f"{site}/visits", timeout=10).json()
    told = _on_record(address)
    databases.drop(str(make_url(address).database))
    people = pages * PEOPLE
    check_exact(
        f"scrape of {pages:,} pages",
        {"pages": pages, "given": pages, "robots": 1, "connections": 2, "not_read": 0}
        | {"contacts": people, "raw": people, "emails": people, "done": pages},
        {**figures, **visits, **told},
    )
    return figures


def _on_record(address: str) -> dict[str, Any]:
    counts = {
        "raw": "SELECT count(*) FROM raw_contacts",
        "emails": "SELECT count(DISTINCT email) FROM raw_contacts",
        "done": "SELECT count(*) FROM scrape_pages WHERE code = 'read'",
    }
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        rows = {name: connection.execute(query).fetchone() for name, query in counts.items()}
    return {name: row[0] for name, row in rows.items() if row}


def _plain_script(pages: int) -> Figures:
    with _site(pages) as site:
        figures = child.run("raw_scrape", f"{site}/people?page=1")
    expected = {"pages": pages, "contacts": pages * PEOPLE}
    check_exact("the plain script", expected, figures)
    return figures


def main() -> None:
    address, start, per_minute = sys.argv[1:]
    source = parse_source(
        {
            "name": "people",
            "start": start,
            "item": ".agent",
            "next": "a.next",
            "fields": {
                "email": "a.mail@href",
                "full_name": "h2",
                "company": ".company",
                "phone": ".phone",
                "state": ".state",
            },
            "limits": {"pages": 1_000_000, "requests_per_minute": int(per_minute)},
        }
    )
    settings = load_settings(_env_file=None, database_url=address, scrape_loopback=True)
    with wire(settings) as wired:
        workspace, now = wired.store.workspace(_SLUG), wired.clock.now()
        source_id = wired.store.put_source(workspace.id, source, by="bench", at=now)
        run_id = wired.store.begin_run(source_id, at=now)
        with child.Stopwatch() as watch:
            end = wired.run_source(run_id, worker="bench", breath=wired.airfield.flights())
    assert end
    counts = end.counts
    told = {"pages": counts.pages, "contacts": counts.contacts, "not_read": counts.not_read}
    child.report(watch, **told)


if __name__ == "__main__":
    main()
