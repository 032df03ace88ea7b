"""Load: real workers on Redis and a million contacts, beside a plain Dramatiq with an ORM."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from benchmarks.load_sides import Peer, Workers
from benchmarks.measure import Series, alternate
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from tests.services.databases import Databases

_LATENCY_MS: Final = 50
_PEER_SHARE: Final = 10  # the peer is given a tenth: its rate is the same, its time bearable


def measure(scale: Scale, databases: Databases) -> Result:
    """Upload with workers and with the peer in turn."""
    many, few = scale.loaded, scale.loaded // _PEER_SHARE
    ours = Workers(databases, many)
    by_row, by_chunk = (Peer(databases, few, saves=saves) for saves in ("row", "chunk"))
    found = alternate(
        scale.rounds,
        {
            f"workers, {many:,} contacts": (many, partial(ours.run, _LATENCY_MS)),
            f"plain Dramatiq, ORM row by row, {few:,}": (few, partial(by_row.run, _LATENCY_MS)),
            f"the same, a flush a chunk, {few:,}": (few, partial(by_chunk.run, _LATENCY_MS)),
        },
    )
    fast, slow, less_slow = found.values()
    return Result(
        "load",
        ("", "contacts/s", "slowest, fastest", "seconds", "waited, p50", "p99", "peak MiB"),
        [_row(name, series) for name, series in found.items()],
        [
            goal("Workers ÷ plain Dramatiq, ORM row by row", fast.rate / slow.rate, least=4),
            f"Workers ÷ the same with a flush a chunk: **{fast.rate / less_slow.rate:.2f}**",
            goal("Peak MiB of the product's largest process", fast.peak_mib, most=150),
            f"Peak MiB by process: {_by_process(fast)}",
        ],
    )


def _row(name: str, series: Series) -> Sequence[str]:
    waited = [
        f"{series.median(wait):.2f} s" if wait in series.runs[0] else "-"
        for wait in ("waited_p50", "waited_p99")
    ]
    return (
        name,
        f"{series.rate:,.0f}",
        series.spread,
        f"{series.seconds:.1f}",
        *waited,
        f"{series.peak_mib:.0f}",
    )


def _by_process(series: Series) -> str:
    peaks = {
        role.removeprefix("MiB of "): max(run.get(role, 0.0) for run in series.runs)
        for role in sorted({name for run in series.runs for name in run if name.startswith("MiB")})
    }
    return ", ".join(f"{role} {mib:.0f}" for role, mib in peaks.items())
