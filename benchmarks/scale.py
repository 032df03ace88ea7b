"""How much is measured: the figures that goals are set for, or next to nothing for a trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """Contacts, rows and rounds; each large amount is ten times the small one."""

    contacts: int
    planned: int
    rows: int
    rounds: int
    loaded: int
    batches: int
    latencies_ms: tuple[int, ...] = (0, 50)


FULL: Final = Scale(
    contacts=100_000, planned=1_000_000, rows=100_000, rounds=3, loaded=1_000_000, batches=100_000
)
QUICK: Final = Scale(
    contacts=1_000,
    planned=10_000,
    rows=200,
    rounds=1,
    loaded=20_000,
    batches=2_000,
    latencies_ms=(1,),
)
