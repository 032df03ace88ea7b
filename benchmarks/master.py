"""The master list on PostgreSQL, filled and then told what is new. Run as a module, one run.

python -m benchmarks.master DATABASE CONTACTS
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import psycopg
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases

_SLUG: Final = "client"
_PAGE: Final = 5_000
_NEW: Final = 10_000  # contacts that come in after the first fill


def measure(scale: Scale, databases: Databases) -> Result:
    """Fill the list with contacts, and with ten times as many; then with a few more."""
    fresh = databases.template(_build)
    sides = {
        f"{rows:,} contacts": (rows, partial(_run, databases, fresh, rows))
        for rows in (scale.rows, 10 * scale.rows)
    }
    found = alternate(scale.rounds, sides)
    small, large = found.values()
    return Result(
        "master",
        ("", "contacts/s", "slowest, fastest", "seconds", f"{_NEW:,} more", "peak MiB"),
        [
            (
                name,
                f"{s.rate:,.0f}",
                s.spread,
                f"{s.seconds:.2f}",
                f"{s.median('new_seconds'):.2f}",
                f"{s.peak_mib:.0f}",
            )
            for name, s in found.items()
        ],
        [
            goal("Time for ten times the contacts", large.seconds / small.seconds, most=12),
            goal("Memory for ten times the contacts", large.peak_mib / small.peak_mib, most=1.2),
            goal(
                "Time for what is new, beside ten times the list",
                large.median("new_seconds") / small.median("new_seconds"),
                most=2,
            ),
        ],
    )


def _build(address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))


def _run(databases: Databases, fresh: Callable[[], str], rows: int) -> Figures:
    """Fill the list in a fresh process, and prove that it has everybody once.

    Raises:
        NotExactError: a contact is missing or there twice.

    """
    address = fresh()
    figures = child.run("master", address, rows)
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        query = "SELECT count(*), sum(workspaces) FROM master_contacts"
        told = connection.execute(query).fetchone() or (0, 0)
    databases.drop(str(make_url(address).database))
    names = ("mailboxes", "workspaces")
    everybody = dict.fromkeys(names, rows + _NEW)
    check_exact(f"master list of {rows:,}", everybody, dict(zip(names, told, strict=True)))
    return figures


def _bring(wired: Wired, numbers: range) -> None:
    store, now = wired.store, wired.clock.now()
    import_id = store.begin_import(store.workspace(_SLUG).id, "list.csv", at=now)
    for page in _pages(numbers):
        store.add_contacts(import_id, page, rows_read=len(page), at=now)
    store.finish_import(import_id, at=now)


def _pages(numbers: range) -> Iterator[list[NewContact]]:
    for start in range(0, len(numbers), _PAGE):
        yield [_contact(number) for number in numbers[start : start + _PAGE]]


def _contact(number: int) -> NewContact:
    # Lists are not in the order of their e-mails, and neither are these.
    email = f"person{number * 7_919 % 99_999_989}@company{number % 20_000}.example"
    return NewContact(email, "Ann", "Lee", "Owner", "Company Insurance", None, None)


def main() -> None:
    address, rows = sys.argv[1], int(sys.argv[2])
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        _bring(wired, range(rows))
        with child.Stopwatch() as watch:
            wired.fill_master(lambda *_: None)
        _bring(wired, range(rows, rows + _NEW))
        with child.Stopwatch() as new:
            wired.fill_master(lambda *_: None)
    child.report(watch, new_seconds=new.seconds)


if __name__ == "__main__":
    main()
