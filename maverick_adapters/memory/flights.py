"""Requests that land in the moment they are launched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from maverick_adapters.memory.clock import ManualClock
from maverick_core.pipeline.upload.answers import Answer


class InstantFlights:
    """Performs each request at launch; rests by moving the clock. ``draw`` is always the same."""

    def __init__(self, field: InstantAirfield) -> None:
        """Start with nothing under way."""
        self._field = field
        self._landed: list[tuple[int, Answer]] = []

    def launch(self, request: int, call: Callable[[], Answer]) -> None:
        """Perform ``call`` here and now."""
        self._landed.append((request, call()))

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Return all there is; where there is nothing, the whole time-out passes."""
        landed, self._landed = self._landed, []
        if not landed:
            self.rest(timeout_seconds)
        return landed

    def rest(self, seconds: float) -> None:
        """Move the clock on."""
        self._field.clock.advance(seconds)

    def draw(self) -> float:
        """Return the airfield's constant draw."""
        return self._field.constant_draw

    def stopping(self) -> bool:
        """Say whether the airfield is closed."""
        return self._field.closed


class InstantAirfield:
    """Hands out instant flights on one clock; ``closed`` asks every worker to stop."""

    def __init__(self, clock: ManualClock, *, constant_draw: float = 0.0) -> None:
        """Open on ``clock``; ``constant_draw`` in [0, 1) is what every jitter draw gives."""
        self.clock = clock
        self.constant_draw = constant_draw
        self.closed = False

    def flights(self) -> InstantFlights:
        """Return fresh flights."""
        return InstantFlights(self)
