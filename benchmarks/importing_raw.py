"""Import and filter of a large, messy, unjudged list into PostgreSQL, beside what others would use.

Each side takes a file of the same kind into a fresh database: ours, with the filter in a process of
its own, as workers are; a script with django-import-export, as its documentation begins and tuned;
a script with pandas. The peers do what such scripts do: clean the e-mail, refuse what is no address
or has no first name, keep each mailbox once. They keep no raw rows and no verdicts, judge no lists,
states or numbers, hold the file in memory, and do not go on after a crash.

python -m benchmarks.importing_raw DATABASE FILE
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.csv_file import Expected, write_csv
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.raw_rows import TABLE, plain
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.raw_import.rules import ImportState, NewImport, Reading
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases

BAD_SHARE: Final = 0.05
_SLUG: Final = "client"
_BLOCK: Final = 1 << 22
_PAUSE_SECONDS: Final = 0.05
_FILTERS: Final = 3  # the argument that only the filter's process has
_SIDES: Final = {
    "ours": ("importing_raw",),
    "pandas": ("raw_pandas",),
    "bulk": ("raw_django", "bulk"),
    "django": ("raw_django",),
}
_NAMES: Final = {
    "ours": "Maverick",
    "pandas": "pandas",
    "bulk": "django-import-export, tuned (use_bulk)",
    "django": "django-import-export, as documented",
}
_READING: Final = Reading(variables=("Policy Type",))


def measure(scale: Scale, databases: Databases) -> Result:
    """Import a file with ours and pandas, a tenth of it tuned, a fiftieth row by row."""
    fresh = databases.template(_build)
    whole, tenth, little = 10 * scale.rows, scale.rows, scale.rows // 5
    sizes = {"ours": (whole, tenth), "pandas": (whole,), "bulk": (tenth,), "django": (little,)}
    with TemporaryDirectory() as directory:
        sides = {}
        for side, rows in ((side, rows) for side, all_ in sizes.items() for rows in all_):
            file = Path(directory) / f"{rows}.csv"
            expected = write_csv(file, rows, bad_share=BAD_SHARE)
            run = partial(_run, databases, fresh, side, file, expected)
            sides[f"{_NAMES[side]}, {rows:,} rows"] = (rows, run)
        found = alternate(scale.rounds, sides)
    large, small, pandas, bulk, django = found.values()
    return Result(
        "raw import",
        ("", "rows/s", "slowest, fastest", "seconds", "peak MiB"),
        [
            (name, f"{s.rate:,.0f}", s.spread, f"{s.seconds:.2f}", f"{s.peak_mib:.0f}")
            for name, s in found.items()
        ],
        [
            goal("Thousands of rows a second, imported and filtered", large.rate / 1000, least=15),
            goal("Times django-import-export, as documented", large.rate / django.rate, least=5),
            f"Times django-import-export, tuned (use_bulk): **{large.rate / bulk.rate:,.2f}**",
            f"Times pandas: **{large.rate / pandas.rate:,.2f}**",
            goal("Memory for ten times the rows", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


def _build(address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))


def _run(
    databases: Databases, fresh: Callable[[], str], side: str, file: Path, expected: Expected
) -> Figures:
    """Import ``file`` in a fresh process into a fresh database, and prove the outcome.

    Raises:
        NotExactError: not every good row is kept once.

    """
    address = fresh()
    module, *how = _SIDES[side]
    figures = child.run(module, address, file, *how)
    table = sql.Identifier("candidates" if side == "ours" else TABLE)
    with psycopg.connect(plain(address)) as connection:
        kept = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    databases.drop(str(make_url(address).database))
    check_exact(
        f"{side}, {file.name}",
        {"rows": expected.rows, "kept": expected.added, "recorded": expected.added},
        {**figures, "recorded": kept[0] if kept else 0},
    )
    return figures


def main() -> None:
    address, file = sys.argv[1], Path(sys.argv[2])
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        if len(sys.argv) > _FILTERS:
            _filter(wired, int(sys.argv[_FILTERS]))
            return
        with child.Stopwatch() as watch:
            new = NewImport(file.name, file.stat().st_size, "bench")
            found = wired.take_file.begin(_SLUG, new)
            with file.open("rb") as binary:
                while data := binary.read(_BLOCK):
                    found = wired.take_file(found, found.received, data)
            wired.start_import(found, _READING)
            with _filtering(address, file, found.id) as filtering:
                wired.run_import(found.id, worker="bench")
                imported = watch.seconds
                told = json.loads(filtering.communicate()[0])
        whole = wired.store.import_of(found.workspace_id, found.id)
    both = child.peak_mib() + told["peak_mib"]
    cpu = watch.cpu_seconds + told["cpu_seconds"]
    figures = {"import_seconds": imported, "peak_mib": both, "cpu_seconds": cpu}
    child.report(watch, rows=whole.rows, kept=told["kept"], **figures)


def _filtering(address: str, file: Path, import_id: int) -> subprocess.Popen[bytes]:
    """Start the filter in a process of its own, as a worker is."""
    command = [sys.executable, "-m", "benchmarks.importing_raw", address, str(file), str(import_id)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _filter(wired: Wired, import_id: int) -> None:
    """Filter while the import goes on, and what is left after it."""
    workspace = wired.store.workspace(_SLUG)
    codes: Counter[str] = Counter()
    with child.Stopwatch() as watch:
        while True:
            over = wired.store.import_of(workspace.id, import_id).state is ImportState.DONE
            found = wired.filter_contacts(_SLUG, lambda *_: None)
            codes.update(found.codes)
            if over:
                break
            if not found.rows:
                time.sleep(_PAUSE_SECONDS)
    child.report(watch, kept=codes["kept"])


if __name__ == "__main__":
    main()
