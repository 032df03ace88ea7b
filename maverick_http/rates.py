"""How often a key may ask, and how often an address may guess (reliability.md, checklist 23).

A window that moves, so that no minute's turn lets twice as many through. On Redis all processes
count together; while Redis does not answer, each counts for itself, because a limiter that is down
must neither open the door nor close it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, TypeVar

import redis
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from maverick_adapters.settings import Settings
from maverick_core.kernel.time import Clock
from maverick_http.errors import TooMany

_WINDOW_SECONDS: Final = 60
_REDIS_SECONDS: Final = 0.5  # a limiter that takes longer is worse than one that counts alone
_AWAY_SECONDS: Final = 10.0  # before Redis is asked again

Told = TypeVar("Told")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands with a limit: may it go on, how many are left, when is there more."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


class Count:
    """Where requests are counted: on Redis for all processes, or here."""

    def __init__(self, redis_url: str | None, namespace: str) -> None:
        """Count on Redis where there is one; connects to nothing yet."""
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._shared = _on_redis(redis_url, namespace) if redis_url else None
        self._away_until = 0.0

    def ask(self, question: Callable[[MovingWindowRateLimiter], Told]) -> Told:
        """Put the question to the count of all processes, or to our own while that is away."""
        if self._shared and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except redis.RedisError as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                _log.warning("rate limits are counted alone", why=type(error).__name__)
        return question(self._alone)


def _on_redis(url: str, namespace: str) -> MovingWindowRateLimiter:
    options: dict[str, Any] = {
        "socket_timeout": _REDIS_SECONDS,
        "socket_connect_timeout": _REDIS_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    return MovingWindowRateLimiter(
        RedisStorage(url, key_prefix=f"{namespace}:http-limits", **options)
    )


class Window:
    """A limit of so many a minute on each name."""

    def __init__(self, name: str, per_minute: int, count: Count, clock: Clock) -> None:
        """Allow ``per_minute``, counted under ``name`` in ``count``."""
        self._name = name
        self._item = RateLimitItemPerMinute(per_minute)
        self._count = count
        self._clock = clock

    def take(self, who: str) -> Standing:
        """Count one and say whether it was allowed."""
        return self._count.ask(
            lambda limiter: self._standing(
                limiter, who, allowed=limiter.hit(self._item, self._name, who)
            )
        )

    def _standing(self, limiter: MovingWindowRateLimiter, who: str, *, allowed: bool) -> Standing:
        stats = limiter.get_window_stats(self._item, self._name, who)
        reset = max(1, min(_WINDOW_SECONDS, ceil(stats.reset_time - self._now())))
        return Standing(allowed, self._item.amount, stats.remaining, reset)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def headers(self, standing: Standing) -> Mapping[str, str]:
        """Return the fields that tell a client how it stands (IETF draft, RateLimit fields)."""
        return {
            "RateLimit-Policy": f'"{self._name}";q={standing.limit};w={_WINDOW_SECONDS}',
            "RateLimit": f'"{self._name}";r={standing.remaining};t={standing.reset_seconds}',
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the facade."""

    by_key: Window
    """Requests of a key."""
    by_guess: Window
    """Requests of an address whose key was no good."""

    def check_guess(self, address: str) -> None:
        """Count a request of an address whose key was no good, unless it has guessed enough.

        Raises:
            TooMany: ``too_many_guesses``.

        """
        standing = self.by_guess.take(address)
        if not standing.allowed:
            raise TooMany(
                "Too many requests with a key that is no good came from your address.",
                code="too_many_guesses",
                retry_after=standing.reset_seconds,
                remedy="Wait, and check the key.",
            )

    def check_pace(self, key_id: int) -> Mapping[str, str]:
        """Count a request of a key and return the fields that tell it how it stands.

        Raises:
            TooMany: ``too_many_requests``.

        """
        standing = self.by_key.take(str(key_id))
        headers = self.by_key.headers(standing)
        if not standing.allowed:
            raise TooMany(
                f"The key may ask {standing.limit:,} times a minute.",
                code="too_many_requests",
                retry_after=standing.reset_seconds,
                remedy="Wait as long as Retry-After says.",
                headers=headers,
            )
        return headers


def limits(settings: Settings, clock: Clock) -> Limits:
    """Return the limits that the settings name."""
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    count = Count(url, settings.namespace)
    return Limits(
        Window("key", settings.http_requests_per_minute, count, clock),
        Window("guess", settings.http_guesses_per_minute, count, clock),
    )
