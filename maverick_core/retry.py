"""When to try again, and when to give up: a pure function of what happened.

Source: reliability.md, matrix. Rate limiting is not a failure, so it may go on for long; an outage
is, so three tries end the attempt and a person decides. Jitter comes in as a draw, so the same
inputs always give the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Trouble(StrEnum):
    """Why an answer was not had, as far as trying again is concerned."""

    LIMITED = "limited"
    """The destination asked us to slow down (429)."""
    UNAVAILABLE = "unavailable"
    """No connection, or a 5xx."""
    LOST = "lost"
    """The request may have been taken, but its answer was not understood or never came."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after so many seconds."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop trying; what was tried is left as it is for a person to decide."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How one kind of trouble is met: ``tries`` in all, the waits doubling up to the cap."""

    tries: int
    first_seconds: float
    cap_seconds: float


_DEFAULT: Mapping[Trouble, Backoff] = MappingProxyType(
    {
        # About half an hour of a destination that says "later" to every request.
        Trouble.LIMITED: Backoff(tries=20, first_seconds=1.0, cap_seconds=120.0),
        Trouble.UNAVAILABLE: Backoff(tries=3, first_seconds=1.0, cap_seconds=30.0),
        Trouble.LOST: Backoff(tries=3, first_seconds=0.5, cap_seconds=30.0),
    }
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The whole policy; the default is the one that the documentation describes."""

    backoffs: Mapping[Trouble, Backoff] = field(default_factory=lambda: _DEFAULT)

    def decide(
        self, trouble: Trouble, *, tries: int, retry_after: float | None, draw: float
    ) -> Retry | GiveUp:
        """Decide after ``tries`` requests for the same thing have met ``trouble``.

        ``retry_after`` is what the destination asked for in seconds (obeyed, up to the cap);
        ``draw`` is a number in [0, 1) that spreads the waits of many workers over half of each.
        """
        backoff = self.backoffs[trouble]
        if tries >= backoff.tries:
            return GiveUp()
        # "At once", in the past or no number says nothing: all tries would be used up in a second.
        if retry_after is not None and retry_after > 0:
            return Retry(min(retry_after, backoff.cap_seconds))
        # 2 ** 32 seconds is past every cap; the bound keeps the float finite.
        wait = min(backoff.first_seconds * 2 ** min(tries - 1, 32), backoff.cap_seconds)
        return Retry(wait * (0.5 + draw / 2))
