"""One Dramatiq broker for each queue, with its middleware spelt out.

Callbacks, pipelines, groups and results are left out on purpose: stages meet in tables, and a
message carries ids only. A message is never tried again by the broker (``max_retries=0``): what was
not finished is found again in the database by its lease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from maverick_adapters.settings import Settings
from maverick_core.kernel.errors import Rejected, Unavailable
from maverick_core.topology.workers import SOFT_LIMIT_SECONDS

QUEUES: Final = (
    "scraping",
    "csv_processing",
    "filtering",
    "verification",
    "batching",
    "bison_uploads",
    "notifications",
    "sync_periodic",
    "sync_heavy",
)
"""The queues that have actors."""

# The same for all who speak to a queue: whoever does maintenance applies its own heartbeat timeout.
_HEARTBEAT_MS: Final = 60_000  # above the worst skew of two hosts' clocks
_MAINTENANCE_CHANCE: Final = 50_000  # in a million commands; the default finds the dead after hours
_SOCKET_TIMEOUT_SECONDS: Final = 20  # with 5, redis-py's own, a stall loses acknowledgements
_CONNECT_TIMEOUT_SECONDS: Final = 5
_RETRIES: Final = 3


class GlobalBrokerForbidden(RuntimeError):
    """An actor was declared without its queue's broker; name the broker where it is declared."""


class ForbiddenBroker(dramatiq.Broker):
    """Stands in for the global broker, so that a forgotten ``broker=`` fails at once."""

    def declare_actor(self, actor: dramatiq.Actor[..., object]) -> None:
        """Refuse."""
        raise GlobalBrokerForbidden(f"{actor.actor_name} was declared without a broker.")


def forbid_global_broker() -> None:
    """Make every use of Dramatiq's global broker an error."""
    dramatiq.set_broker(ForbiddenBroker(middleware=[]))


def middleware(soft_limit_seconds: float = SOFT_LIMIT_SECONDS) -> list[Middleware]:
    """Return what every broker that has workers is made with."""
    return [
        TimeLimit(time_limit=round(soft_limit_seconds * 1_000)),
        ShutdownNotifications(),
        Retries(max_retries=0),
    ]


def embedded_brokers() -> Mapping[str, StubBroker]:
    """Return a broker inside this process for every queue."""
    return {queue: _embedded(queue) for queue in QUEUES}


def _embedded(queue: str) -> StubBroker:
    broker = StubBroker(middleware=middleware())
    broker.declare_queue(queue)
    return broker


class _PatientBroker(RedisBroker):
    """Takes a Redis that is full, or too slow, for one that is away: a line in the log, and again.

    Dramatiq itself would log a trace every few seconds, and give up acknowledging for good.
    """

    def _dispatch(self, command: str) -> Callable[..., Any]:
        dispatch: Callable[..., Any] = super()._dispatch(command)  # type: ignore[no-untyped-call]
        if command == "enqueue":  # who enqueues wants to know
            return dispatch

        def patiently(*arguments: Any) -> Any:
            try:
                return dispatch(*arguments)
            except (redis.TimeoutError, redis.OutOfMemoryError) as error:
                raise redis.ConnectionError(f"{type(error).__name__}: {error}") from error

        return patiently


def redis_broker(settings: Settings, queue: str, middleware: Sequence[Middleware]) -> RedisBroker:
    """Return the queue's broker on Redis; connects to nothing yet.

    Raises:
        Rejected: ``redis_url_missing`` or ``bad_redis_url``.

    """
    broker = _PatientBroker(  # type: ignore[no-untyped-call]
        client=_client(settings),
        middleware=list(middleware),
        namespace=settings.namespace,
        heartbeat_timeout=_HEARTBEAT_MS,
        maintenance_chance=_MAINTENANCE_CHANCE,
    )
    broker.declare_queue(queue)
    return broker


def require_redis(settings: Settings) -> None:
    """Make sure that Redis answers, before anything is started that needs it.

    Raises:
        Rejected: ``redis_url_missing`` or ``bad_redis_url``.
        Unavailable: ``redis_unreachable``.

    """
    with _reached(settings) as client:
        client.ping()


def redis_complaint(settings: Settings) -> str:
    """Return in words what keeps Redis from taking or keeping messages; empty where nothing does.

    Raises:
        Rejected: ``redis_url_missing`` or ``bad_redis_url``.
        Unavailable: ``redis_unreachable``.

    """
    with _reached(settings) as client:
        try:
            memory = client.info("memory")
        except redis.ResponseError:  # this user may not ask
            return ""
    if not (limit := memory.get("maxmemory")):
        return ""
    if (policy := memory.get("maxmemory_policy")) != "noeviction":
        return f"Redis drops messages when it is full: its maxmemory-policy is {policy}."
    if memory.get("used_memory", 0) >= limit:
        return "Redis is full and takes no messages; what is announced waits in the database."
    return ""


@contextmanager
def _reached(settings: Settings) -> Iterator[redis.Redis]:
    client = _client(settings)
    try:
        yield client
    except redis.RedisError as error:
        raise Unavailable(
            f"Redis is not reachable at {_address(settings)} (MAVERICK_REDIS_URL).",
            code="redis_unreachable",
            remedy='Start it, or upload without it: "maverick batches upload" needs none.',
        ) from error
    finally:
        client.close()


def _client(settings: Settings) -> redis.Redis:
    if settings.redis_url is None:
        raise Rejected(
            "MAVERICK_REDIS_URL is not set.",
            code="redis_url_missing",
            remedy='Set it, or upload without Redis: "maverick batches upload" needs none.',
        )
    try:
        return redis.Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=_SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            retry=Retry(ExponentialBackoff(cap=1, base=0.05), _RETRIES),
        )
    except ValueError:
        raise Rejected(
            "MAVERICK_REDIS_URL cannot be read.",
            code="bad_redis_url",
            remedy="Write redis://:PASSWORD@HOST:PORT/NUMBER, for example redis://127.0.0.1:6379.",
        ) from None


def _address(settings: Settings) -> str:
    """Return where Redis should be, without its password."""
    url = urlsplit(settings.redis_url.get_secret_value() if settings.redis_url else "")
    return f"{url.scheme}://{url.netloc.rpartition('@')[2] or url.path}"
