"""Import of a large, messy CSV file into PostgreSQL. Run as a module, it is one run.

python -m benchmarks.importing DATABASE FILE REJECTS
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.csv_file import VARIABLES, Expected, write_csv
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.container import wire
from maverick_adapters.csv_files import RejectsFile, open_sheet
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases


def measure(scale: Scale, databases: Databases) -> Result:
    """Import a file, and one with ten times the rows."""
    fresh = databases.template(_build)
    with TemporaryDirectory() as directory:
        sides = {}
        for rows in (scale.rows, 10 * scale.rows):
            file = Path(directory) / f"{rows}.csv"
            expected = write_csv(file, rows)
            sides[f"{rows:,} rows"] = (rows, partial(_run, databases, fresh, file, expected))
        found = alternate(scale.rounds, sides)
    small, large = found.values()
    return Result(
        "import",
        ("", "rows/s", "slowest, fastest", "seconds", "peak MiB"),
        [
            (name, f"{s.rate:,.0f}", s.spread, f"{s.seconds:.2f}", f"{s.peak_mib:.0f}")
            for name, s in found.items()
        ],
        [
            goal("Thousands of rows a second", large.rate / 1000, least=25),
            goal("Time for ten times the rows", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the rows", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


_SLUG = "client"


def _build(address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))


def _run(databases: Databases, fresh: Callable[[], str], file: Path, expected: Expected) -> Figures:
    """Import ``file`` in a fresh process into a fresh database, and prove the outcome.

    Raises:
        NotExactError: a row is neither on record nor among the rejects, or is both.

    """
    address = fresh()
    rejects = file.with_suffix(".rejects.csv")
    rejects.unlink(missing_ok=True)
    figures = child.run("importing", address, file, rejects)
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        count = connection.execute("SELECT count(*) FROM contacts").fetchone()
    databases.drop(str(make_url(address).database))
    rejected = sum(expected.rejected.values())
    check_exact(
        f"import of {file.name}",
        {
            "rows": expected.rows,
            "added": expected.added,
            "kept": rejected,
            "recorded": expected.added,
        },
        {**figures, "recorded": count[0] if count else 0},
    )
    return figures


def main() -> None:
    address, file, rejects_file = sys.argv[1:]
    sheet = open_sheet(Path(file), encoding=None, delimiter=None)
    rejects = RejectsFile(Path(rejects_file), sheet.header, sheet.delimiter)
    choices = Choices(variables=VARIABLES)
    with (
        wire(load_settings(_env_file=None, database_url=address)) as wired,
        child.Stopwatch() as watch,
        rejects,
    ):
        done = wired.import_contacts(_SLUG, sheet, choices, rejects, lambda *_: None)
    counts = done.counts
    child.report(watch, rows=counts.rows, added=counts.added, kept=rejects.rows)


if __name__ == "__main__":
    main()
