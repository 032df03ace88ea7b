"""Raw contacts in PostgreSQL, filtered. Run as a module, it is one run.

python -m benchmarks.filtering DATABASE
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

import psycopg
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases

_SLUG: Final = "client"
_PAGE: Final = 5_000
_BAD_EACH: Final = 20  # of so many rows each kind of bad one is once


def measure(scale: Scale, databases: Databases) -> Result:
    """Filter raw contacts, and ten times as many; bringing them in is timed apart."""
    fresh = databases.template(_build)
    sides = {
        f"{rows:,} rows": (rows, partial(_run, databases, fresh, rows))
        for rows in (scale.rows, 10 * scale.rows)
    }
    found = alternate(scale.rounds, sides)
    small, large = found.values()
    both = large.amount / (large.seconds + large.median("bring_seconds"))
    return Result(
        "filter",
        ("", "rows/s", "slowest, fastest", "seconds", "of raw import", "peak MiB"),
        [
            (
                name,
                f"{s.rate:,.0f}",
                s.spread,
                f"{s.seconds:.2f}",
                f"{s.median('bring_seconds'):.2f}",
                f"{s.peak_mib:.0f}",
            )
            for name, s in found.items()
        ],
        [
            goal("Thousands of rows a second, brought in and filtered", both / 1000, least=15),
            goal("Time for ten times the rows", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the rows", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


def raw_rows(rows: int) -> Iterator[NewRaw]:
    """Yield rows as lists have them: every twentieth is bad in one way, four ways in turn."""
    for number in range(rows):
        email = f"Person{number}@company{number % 20_000}.example"
        match number % _BAD_EACH:
            case 3:
                email = f"info@company{number}.example"
            case 7:
                email = f"person{number}@gmail.com"
            case 11:
                email = f"person{number}"
            case 13:
                email = f"person{number - 1}@company{(number - 1) % 20_000}.example"
        yield NewRaw(
            number + 2,
            email=email,
            full_name=f"Ann{number % 7 * 'a'} Lee" if number % 5 else f"LEE, ANN{number % 7 * 'A'}",
            title="Owner",
            company=f"Company {number % 20_000} Insurance Agency",
            phone=f"({200 + number % 700}) 555-{number % 10_000:04d}",
            state=("TX", "Tex", "Ohio", "new york")[number % 4],
            line_of_business="Auto",
            variables='{"renewal":"2027-01"}',
        )


def _build(address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))


def _run(databases: Databases, fresh: Callable[[], str], rows: int) -> Figures:
    """Bring rows in and filter them in a fresh process, and prove the outcome.

    Raises:
        NotExactError: a row has no verdict, or not the one that it has to have.

    """
    address = fresh()
    figures = child.run("filtering", address, rows)
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        codes: dict[str, int] = dict(
            connection.execute(
                "SELECT code, count(*) FROM filter_verdicts GROUP BY code"
            ).fetchall()
        )
        kept = connection.execute("SELECT count(*) FROM candidates").fetchone()
    databases.drop(str(make_url(address).database))
    bad = rows // _BAD_EACH
    check_exact(
        f"filter of {rows:,} rows",
        {
            "role_account": bad,
            "personal_domain": bad,
            "email_bad_syntax": bad,
            "duplicate_in_file": bad,
            "kept": rows - 4 * bad,
            "candidates": rows - 4 * bad,
        },
        {**codes, "candidates": kept[0] if kept else 0},
    )
    return figures


def main() -> None:
    address, rows = sys.argv[1], int(sys.argv[2])
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        workspace = wired.store.workspace(_SLUG)
        bring = partial(
            wired.store.add_raw,
            workspace.id,
            Origin(OriginKind.SCRAPE_RUN, 1),
            at=wired.clock.now(),
        )
        found = raw_rows(rows)
        bring_seconds = 0.0
        while page := list(islice(found, _PAGE)):
            with child.Stopwatch() as bringing:
                bring(page)
            bring_seconds += bringing.seconds
        with child.Stopwatch() as watch:
            wired.filter_contacts(_SLUG, lambda *_: None)
    child.report(watch, bring_seconds=bring_seconds)


if __name__ == "__main__":
    main()
