"""What gunicorn loads, once in each worker and after the fork: ``application()``."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import redis

from maverick_adapters.container import Wired, wire
from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import Settings, load_settings
from maverick_adapters.sql import revision_state
from maverick_adapters.system import SystemRandomness
from maverick_core.kernel.errors import Unavailable
from maverick_http.app import App, build_app
from maverick_http.facade import Facade

_REDIS_SECONDS = 1.0


def application() -> App:
    """Wire everything for this process and return the application; the process's end undoes it."""
    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    stack = ExitStack()
    wired = stack.enter_context(wire(settings))
    atexit.register(stack.close)
    return build_app(facade_of(wired))


def facade_of(wired: Wired) -> Facade:
    """Return the facade that stands on ``wired``."""
    return Facade(
        settings=wired.settings,
        clock=wired.clock,
        randomness=SystemRandomness(),
        store=wired.store,
        set_target=wired.set_target,
        show_target=wired.show_target,
        set_token=wired.set_token,
        check_token=wired.check_token,
        plan_batches=wired.plan_batches,
        request_plan=wired.request_plan,
        requeue_batch=wired.requeue_batch,
        requeue_batches=wired.requeue_batches,
        request_requeue=wired.request_requeue,
        cancel_batch=wired.cancel_batch,
        ask_stages=wired.ask_stages,
        take_file=wired.take_file,
        start_import=wired.start_import,
        read_rejects=wired.read_rejects,
        sheets=wired.sheets,
        try_source=wired.try_source,
        request_run=wired.request_run,
        set_rules=wired.set_rules,
        what_if=wired.what_if,
        request_filter=wired.request_filter,
        suppress=wired.suppress,
        unsuppress=wired.unsuppress,
        ask_verifier=wired.ask_verifier,
        rehearse_verification=wired.rehearse_verification,
        set_policy=wired.set_policy,
        request_verification=wired.request_verification,
        request_fill=wired.request_fill,
        rehearse_refill=wired.rehearse_refill,
        request_refill=wired.request_refill,
        set_overlap=wired.set_overlap,
        trace_mailbox=wired.trace_mailbox,
        checks=_checks(wired),
    )


def _checks(wired: Wired) -> Mapping[str, Callable[[], None]]:
    checks = {"database": lambda: _check_database(wired)}
    if wired.settings.redis_url:
        checks["redis"] = lambda: _check_redis(wired.settings)
    return checks


def _check_database(wired: Wired) -> None:
    current, head = revision_state(wired.engine)
    if current != head:
        raise Unavailable(
            "The database is not at the version that this Maverick needs.",
            code="db_behind",
            remedy='Run "maverick db upgrade".',
        )


def _check_redis(settings: Settings) -> None:
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Unavailable("Redis does not answer.", code="redis_unreachable") from error
