"""The air between worker and destination: requests that arrive late, twice, never, or unheard."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from random import Random
from typing import Final

from maverick_adapters.memory import ManualClock, MemoryBison
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    Answer,
    AttachAnswer,
    Limited,
    Lost,
    Misconfigured,
    PushAnswer,
    Refused,
    Unavailable,
)

TIME_OUT: Final = 15.0  # seconds until a worker no longer waits for an answer


class Fate(Enum):
    """What becomes of a request: whether it arrives, and what its worker hears."""

    ANSWERED = (True, None)
    LOST_BEFORE = (False, Lost("reset"))
    LOST_AFTER = (True, Lost("reset"))
    LATE = (True, Lost("time-out"))
    """It arrives long after its worker has given it up."""
    BROKE_BEFORE = (False, Unavailable("502"))
    BROKE_AFTER = (True, Unavailable("504"))
    NOT_REACHED = (False, Unavailable("refused", reached=False))
    LIMITED = (False, Limited())
    LIMITED_FOR = (False, Limited(3.0))
    MISCONFIGURED = (False, Misconfigured("campaign_missing", "404"))


FAIR: Final[Mapping[Fate, int]] = {Fate.ANSWERED: 1}
FOUL: Final[Mapping[Fate, int]] = {
    Fate.ANSWERED: 46,
    Fate.LOST_BEFORE: 5,
    Fate.LOST_AFTER: 10,
    Fate.LATE: 8,
    Fate.BROKE_BEFORE: 3,
    Fate.BROKE_AFTER: 4,
    Fate.NOT_REACHED: 3,
    Fate.LIMITED: 4,
    Fate.LIMITED_FOR: 4,
    Fate.MISCONFIGURED: 1,
}


@dataclass
class Sky:
    """Virtual time, what is on its way, and what the weather does to it. Time never goes back.

    The clock on the wall is another matter: ``clock`` follows ``now`` and jumps besides.
    """

    rng: Random
    clock: ManualClock
    seen: Counter[str]
    weather: Mapping[Fate, int] = field(default_factory=lambda: FOUL)
    now: float = 0.0

    def __post_init__(self) -> None:
        """Start with nothing on its way."""
        self._arrivals: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    @property
    def next_arrival(self) -> float | None:
        """When the next request reaches the destination."""
        return self._arrivals[0][0] if self._arrivals else None

    def move_to(self, instant: float) -> None:
        """Let time pass."""
        self.clock.advance(instant - self.now)
        self.now = instant

    def arrive(self) -> None:
        """Let the next request reach the destination."""
        instant, _, call = heapq.heappop(self._arrivals)
        self.move_to(max(instant, self.now))
        call()

    def schedule(self, instant: float, call: Callable[[], None]) -> None:
        """Put a request on its way."""
        heapq.heappush(self._arrivals, (instant, next(self._numbers), call))

    def draw_fate(self) -> Fate:
        """Draw what becomes of a request."""
        return self.rng.choices(list(self.weather), list(self.weather.values()))[0]


@dataclass
class Flight:
    """A request under way; ``answer`` is what the worker will hear at ``back_at``."""

    request: int
    back_at: float
    answer: Answer | None


class SimulatedFlights:
    """The flights of one upload. ``waits_until`` tells the scheduler when it can go on."""

    def __init__(self, sky: Sky) -> None:
        """Start with nothing under way."""
        self._sky = sky
        self._flights: list[Flight] = []
        self.rests_until = 0.0
        self.asked_to_stop = False

    def launch(self, request: int, call: Callable[[], Answer]) -> None:
        """Draw the request's fate and send it on its way."""
        sky, rng = self._sky, self._sky.rng
        fate = sky.draw_fate()
        sky.seen[f"fate: {fate.name}"] += 1
        arrives, heard = fate.value
        arrival = sky.now + rng.uniform(0.01, 4.0)
        back_at = arrival + rng.uniform(0.01, 4.0)
        if fate is Fate.LATE:
            back_at = sky.now + TIME_OUT
            arrival = back_at + rng.uniform(0.0, 120.0)
        flight = Flight(request, back_at, heard)
        self._flights.append(flight)
        if arrives:
            sky.schedule(arrival, lambda: _land(flight, call))

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Return what is back by now; the scheduler has let the time pass."""
        del timeout_seconds
        back = [flight for flight in self._flights if flight.back_at <= self._sky.now]
        self._flights = [flight for flight in self._flights if flight not in back]
        return [(flight.request, flight.answer) for flight in back if flight.answer]

    def rest(self, seconds: float) -> None:
        """Ask the scheduler for a pause."""
        self.rests_until = self._sky.now + seconds

    def draw(self) -> float:
        """Return a draw for jitter."""
        return self._sky.rng.uniform(0.0, 0.999)

    def stopping(self) -> bool:
        """Say whether the worker has been asked to stop."""
        return self.asked_to_stop

    @property
    def next_landing(self) -> float | None:
        """When the next answer is back."""
        return min((flight.back_at for flight in self._flights), default=None)


def _land(flight: Flight, call: Callable[[], Answer]) -> None:
    answer = call()
    flight.answer = flight.answer or answer


@dataclass
class SimulatedBison(MemoryBison):
    """The memory destination; names bad rows at a whim and counts what may have changed it."""

    rng: Random = field(default_factory=Random)
    seen: Counter[str] = field(default_factory=Counter)
    changes: int = 0

    def push(self, workspace_id: int, leads: Sequence[Lead]) -> PushAnswer:
        """Answer a push, with the bad rows named or not."""
        self.names_rows = self.rng.random() < 0.5
        self.changes += 1
        answer = super().push(workspace_id, leads)
        if isinstance(answer, Refused):
            self.seen["refused, rows named" if answer.rows else "refused, to be split"] += 1
        return answer

    def attach(
        self, workspace_id: int, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Answer an attach."""
        self.changes += 1
        return super().attach(workspace_id, campaign_id, leads, lead_ids)
