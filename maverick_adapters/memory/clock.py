"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday early in a month


class ManualClock:
    """Tells the instant that it was set to; leases, months and pauses then cost no time at all."""

    def __init__(self, at: datetime = _START) -> None:
        """Start at ``at``, an aware instant."""
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant that the clock stands at."""
        return self._now

    def set(self, at: datetime) -> None:
        """Move to ``at``, an aware instant; back in time is allowed, as with real clocks."""
        self._now = at.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Move ``seconds`` on."""
        self._now += timedelta(seconds=seconds)
