"""What runs add up to: alternated, medians, ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]
Run = Callable[[], Figures]


@dataclass(frozen=True, slots=True)
class Series:
    """All runs of one thing; ``amount`` is how many contacts or rows each dealt with."""

    amount: int
    runs: Sequence[Figures]

    @property
    def rate(self) -> float:
        """The median of what was dealt with in a second."""
        return self.amount / self.seconds

    @property
    def seconds(self) -> float:
        """The median time."""
        return self.median("seconds")

    @property
    def peak_mib(self) -> float:
        """The most memory of all runs."""
        return max(run["peak_mib"] for run in self.runs)

    @property
    def spread(self) -> str:
        """The slowest and the fastest run, in amounts a second."""
        rates = sorted(self.amount / run["seconds"] for run in self.runs)
        return f"{rates[0]:,.0f}, {rates[-1]:,.0f}"

    def median(self, figure: str) -> float:
        """Return the median of one figure."""
        return median(run[figure] for run in self.runs)


def alternate(rounds: int, sides: Mapping[str, tuple[int, Run]]) -> Mapping[str, Series]:
    """Run the sides in turn, ``rounds`` times: A B A B, so that the machine's moods hit both.

    Each side is the amount that it deals with and what to call.
    """
    runs: dict[str, list[Figures]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, (amount, run) in sides.items():
            figures = run()
            runs[name].append(figures)
            rate = amount / figures["seconds"]
            print(f"  round {number}, {name}: {rate:,.0f}/s, {figures['peak_mib']:.0f} MiB")
    return {name: Series(amount, runs[name]) for name, (amount, _) in sides.items()}


class NotExactError(Exception):
    """A run whose figures do not agree; it counts for nothing."""


def check_exact(what: str, expected: Mapping[str, float], found: Mapping[str, float]) -> None:
    """Demand that each figure is what it must be.

    Raises:
        NotExactError: one is not.

    """
    wrong = {name: found[name] for name, figure in expected.items() if found[name] != figure}
    if wrong:
        raise NotExactError(f"{what}: expected {dict(expected)}, but found {wrong}")
