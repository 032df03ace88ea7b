"""The rate limit: so many requests a minute for each token."""

from collections.abc import Callable
from math import ceil
from threading import Lock

WINDOW_SECONDS = 60.0


class Pace:
    """Fixed windows, one a token, each opened by the token's first request after the last one.

    The vendor's marketing pages say 3,000 requests a minute and key; the window is inferred.
    """

    def __init__(self, per_minute: int | None, monotonic: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._monotonic = monotonic
        self._lock = Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def wait_seconds(self, token: str) -> int:
        """Take one request from the token's window; not 0 says how long it is used up for."""
        if self.per_minute is None:
            return 0

        with self._lock:
            now = self._monotonic()
            opened, used = self._windows.get(token, (now, 0))
            if now - opened >= WINDOW_SECONDS:
                opened, used = now, 0
            if used >= self.per_minute:
                return ceil(opened + WINDOW_SECONDS - now)
            self._windows[token] = (opened, used + 1)
            return 0
