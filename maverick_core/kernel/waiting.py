"""Time passes for a worker through these ports only, and through them it hears the wish to stop."""

from __future__ import annotations

from typing import Protocol


class Breath(Protocol):
    """Time to wait in, and the wish to stop; one for each run."""

    def rest(self, seconds: float) -> None:
        """Wait, but no longer than until the worker is asked to stop."""
        ...

    def draw(self) -> float:
        """Return a number in [0, 1) for jitter."""
        ...

    def stopping(self) -> bool:
        """Say whether the worker has been asked to stop."""
        ...


class Breaths(Protocol):
    """Where each run gets its breath from."""

    def flights(self) -> Breath:
        """Return a fresh one."""
        ...
