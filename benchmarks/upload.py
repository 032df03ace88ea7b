"""Upload: the product with every guarantee against the floor with none, side by side."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

import httpx
import psycopg
from sqlalchemy import make_url

from benchmarks import child, world
from benchmarks.measure import Figures, Series, alternate, check_exact
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.vault import Vault
from tests.services.databases import Databases

_SIDES: Final = ("product", "floor")
_LATENCY_MS: Final = 0  # where one side's growth is measured


class Uploads:
    """Runs uploads of one number of contacts, each on a copy of the same database."""

    def __init__(self, databases: Databases, contacts: int) -> None:
        """Build the database that is copied."""
        self.contacts = contacts
        self._key = Vault.new_key()
        self._databases = databases
        self._copy = databases.template(
            lambda address: world.build(address, self._key, contacts=contacts)
        )

    def run(self, side: str, latency_ms: int) -> Figures:
        """Run ``side`` once, in a fresh process against a fresh stub.

        Raises:
            NotExactError: what is recorded, counted and held is not the same.

        """
        address = self._copy()
        calm(address)
        with raw_bison(latency_ms) as bison:
            key = [self._key] if side == "product" else []
            figures = child.run(side, address.replace("+psycopg", ""), bison, *key)
            sums = httpx.get(bison).json()
        self._databases.drop(str(make_url(address).database))
        whole = dict.fromkeys(("recorded", "counted", "held", "pushed"), self.contacts)
        check_exact(side, whole, figures | sums)
        return {**figures, "stub_cpu_seconds": sums["cpu_seconds"]}


def measure(scale: Scale, databases: Databases) -> Result:
    """Upload with the product and with the floor in turn, at each latency."""
    uploads = Uploads(databases, scale.contacts)
    rows, verdicts = [], []
    for latency in scale.latencies_ms:
        sides = {side: (scale.contacts, partial(uploads.run, side, latency)) for side in _SIDES}
        found = alternate(scale.rounds, sides)
        rows += [_row(f"{latency} ms, {side}", series) for side, series in found.items()]
        product, floor = found["product"], found["floor"]
        verdicts += [
            goal(f"Product ÷ floor at {latency} ms", product.rate / floor.rate, least=0.6),
            goal(f"Peak MiB of the product at {latency} ms", product.peak_mib, most=150),
        ]
    return Result("upload", _HEADER, rows, verdicts)


def measure_growth(scale: Scale, databases: Databases) -> Result:
    """Upload with the product, and upload ten times as much."""
    sides = {}
    for contacts in (scale.contacts, 10 * scale.contacts):
        uploads = Uploads(databases, contacts)
        sides[f"{contacts:,} contacts"] = (contacts, partial(uploads.run, "product", _LATENCY_MS))
    found = alternate(scale.rounds, sides)
    small, large = found.values()
    return Result(
        "growth",
        _HEADER,
        [_row(name, series) for name, series in found.items()],
        [
            goal("Time for ten times the contacts", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the contacts", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


_HEADER: Final = (
    *("", "contacts/s", "slowest, fastest", "seconds", "of them planning"),
    *("CPU seconds", "of the stub", "peak MiB"),
)


def _row(name: str, series: Series) -> Sequence[str]:
    return (
        name,
        f"{series.rate:,.0f}",
        series.spread,
        f"{series.seconds:.2f}",
        f"{series.median('plan_seconds'):.2f}",
        f"{series.median('cpu_seconds'):.2f}",
        f"{series.median('stub_cpu_seconds'):.2f}",
        f"{series.peak_mib:.0f}",
    )


def calm(address: str) -> None:
    """Write out what the set-up left to be written, so that no side pays for it."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


@contextmanager
def raw_bison(latency_ms: int) -> Iterator[str]:
    """Run a raw stub in a process of its own and give its address."""
    command = [sys.executable, "-m", "benchmarks.raw_bison", "--latency", str(latency_ms / 1000)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
