"""The demo's fourth client: its contacts come from a messy list and from a site that is scraped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.stages import Stage
from maverick_runners.cli.demo_world import DOVER, HEADER, person
from maverick_runners.cli.output import say
from maverick_runners.cli.pipeline import print_audit
from maverick_runners.cli.raw_import import RawOrder, take

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

PAGES, PEOPLE = 8, 25  # of the site
_BEFORE_UPLOAD: Final = [Stage.SCRAPING, Stage.IMPORT, Stage.FILTERING, Stage.VERIFICATION]


def bring(wired: Wired, folder: Path, site_url: str) -> None:
    """Scrape the site and import the list, unless an earlier run did; filter and verify both."""
    from maverick_runners.stages import run_stages

    workspace = wired.store.workspace(DOVER.slug)
    if not wired.store.sources(workspace.id):
        source = parse_source(_described(site_url))
        wired.store.put_source(workspace.id, source, by="demo", at=wired.clock.now())
    path = folder / f"{DOVER.slug}.csv"
    if not path.with_suffix(".imported").exists():
        write_messy_list(path)
        order = RawOrder.of(DOVER.slug, path, Choices.parse((), ()), encoding=None, delimiter=None)
        wired.start_import(take(wired, order), order.reading)
        path.with_suffix(".imported").touch()
    for done in run_stages(wired, _BEFORE_UPLOAD, [DOVER.slug]):
        if done.done or done.why:
            say(f"{DOVER.slug}, {done.stage}: {done.done:,} contacts. {done.why}".rstrip())


def tell(wired: Wired) -> None:
    """Show where each of the client's contacts is."""
    print_audit(wired.audit_pipeline(DOVER.slug))


def write_messy_list(path: Path) -> None:
    """Write a list as people export them, with everything that goes wrong in such lists."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(_messy_rows())


def _messy_rows() -> Iterator[tuple[str, ...]]:
    for number in range(DOVER.contacts):
        first, last, state = person(number)
        company = f"{last}; {first} & Sons" if number % 9 == 0 else f"{last} Agency"
        email = f"{first}.{last}.{number}@{_domain(number)}.example"
        yield (f"  {email.upper()} " if number % 7 == 0 else email, first, last, company, state)
        if number % 25 == 0:
            yield (email, first, last, company, state)
    for office in ("info", "sales", "support"):
        yield (f"{office}@list.example", "Front", "Desk", "Office", "NY")
    yield ("no-at-sign.example", "Typo", "Row", "Agency", "NY")
    yield ("", "Nobody", "Atall", "Agency", "OH")
    yield HEADER


def _domain(number: int) -> str:
    """Return a domain; the stub of the verifier knows what is wrong with it by its name."""
    if number % 40 == 0:
        return "gone"
    return "any" if number % 50 == 0 else "list"


def _described(site_url: str) -> dict[str, object]:
    return {
        "name": "directory",
        "start": f"{site_url}/directory",
        "item": ".agent",
        "next": "a.next",
        "fields": {
            "full_name": "h2",
            "company": ".company",
            "phone": ".phone",
            "state": ".state",
            "email": "a.mail@href",
        },
        "limits": {"requests_per_minute": 6_000},
    }
