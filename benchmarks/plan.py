"""Planning in the core: ids in, batches out, nothing else. Run as a module, it is one run."""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from benchmarks import child
from benchmarks.measure import alternate
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_core import plan_batches

_IN_ALL: Final = 20_000_000  # contacts in one run: a million takes so short that once says little


def measure(scale: Scale) -> Result:
    """Plan, and plan ten times as much."""
    sides = {
        f"{contacts:,} contacts": (contacts, partial(child.run, "plan", contacts))
        for contacts in (scale.planned, 10 * scale.planned)
    }
    found = alternate(scale.rounds, sides)
    small, large = found.values()
    return Result(
        "plan",
        ("", "contacts/s", "slowest, fastest", "seconds", "peak MiB"),
        [
            (name, f"{s.rate:,.0f}", s.spread, f"{s.seconds:.2f}", f"{s.peak_mib:.0f}")
            for name, s in found.items()
        ],
        [
            goal(
                "Millions of contacts a second, the slower of the two",
                min(small.rate, large.rate) / 1e6,
                least=1,
            ),
            goal("Time for ten times the contacts", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the contacts", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


def main() -> None:
    contacts = int(sys.argv[1])
    times = _IN_ALL // contacts

    with child.Stopwatch() as watch:
        for _ in range(times):
            planned = sum(map(len, plan_batches(range(1, contacts + 1), room=contacts)))
            assert planned == contacts

    child.report(watch, seconds=watch.seconds / times)


if __name__ == "__main__":
    main()
