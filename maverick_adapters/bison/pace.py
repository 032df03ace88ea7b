"""How fast one workspace may ask: so many requests in any minute, spread evenly after a start."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

BURST_SECONDS: Final = 2  # worth of requests that may go at once


class Pace:
    """Keeps all threads of this process together under a workspace's rate.

    In no 60 seconds more than ``per_minute`` requests start. The rule is GCRA, a token bucket
    without a bucket: what is stored is the moment at which all allowance would be used up.
    """

    def __init__(
        self, per_minute: int, *, monotonic: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Start with the full burst to spend; both callables count in seconds."""
        burst = max(1, per_minute * BURST_SECONDS // 60)
        self._interval = 60.0 / (per_minute - burst + 1)
        self._ahead = (burst - 1) * self._interval
        self._used_up = float("-inf")
        self._lock = Lock()
        self._monotonic = monotonic
        self._sleep = sleep

    def wait(self) -> None:
        """Take one request, sleeping until it may start."""
        with self._lock:
            now = self._monotonic()
            start = max(now, self._used_up - self._ahead)
            self._used_up = max(self._used_up, start) + self._interval
        if start > now:
            self._sleep(start - now)
