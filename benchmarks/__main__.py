"""Run benchmarks and put their results into ``README.md``.

They need ``MAVERICK_TEST_DATABASE_URL``, a PostgreSQL that is theirs; ``make bench`` brings one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import make_url

from benchmarks import (
    filtering,
    importing,
    importing_raw,
    latency,
    load,
    master,
    pages,
    plan,
    report,
    scraping,
    upload,
    verification,
)
from benchmarks.report import Result
from benchmarks.scale import FULL, QUICK, Scale
from tests.services.databases import Databases
from tests.services.postgres import ADDRESS_VARIABLE

_ALL: Final[Mapping[str, Callable[[Scale, Databases], Result]]] = {
    "plan": lambda scale, _databases: plan.measure(scale),
    "upload": upload.measure,
    "import": importing.measure,
    "scrape": scraping.measure,
    "raw import": importing_raw.measure,
    "filter": filtering.measure,
    "verify": verification.measure,
    "master": master.measure,
    "growth": upload.measure_growth,
    "latency": latency.measure,
    "load": load.measure,
    "pages": pages.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_ALL)}; or all")
    parser.add_argument("--quick", action="store_true", help="tiny, and nothing is written")
    parser.add_argument(
        "--contacts", type=int, help="as many under load, in one round, and nothing is written"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(_ALL):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")

    address = os.environ[ADDRESS_VARIABLE]
    scale = QUICK if chosen.quick else FULL
    if chosen.contacts:
        scale = replace(scale, loaded=chosen.contacts, rounds=1)
    databases = Databases(make_url(address), owner="bench")
    origin = report.origin(address)
    try:
        for name in chosen.names or _ALL:
            print(f"{name}:", flush=True)
            result = _ALL[name](scale, databases)
            print(f"\n{result.text}\n", flush=True)
            if scale is FULL:
                report.write(result, origin)
    finally:
        databases.drop_all()


if __name__ == "__main__":
    main()
