"""``python -m maverick_runners.master``: one Dramatiq master, as the supervisor starts it."""

from __future__ import annotations

import os
import sys
from typing import Final

from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import Settings, load_settings
from maverick_core.topology.queues import QUEUES
from maverick_runners.counters import counters_directory
from maverick_runners.lifeline import call_through, die_with_parent
from maverick_runners.prefix import name_lines
from maverick_runners.supervisor import Program

APP: Final = "maverick_runners.app:brokers"
"""Where a worker process finds the broker of its queue, an attribute of that name."""

_IDLE_LOOK_MS: Final = 50  # dramatiq's default of a second would be the latency of an idle queue


def program(queue: str, threads: int, *, app: str = APP) -> Program:
    """Return the program that works off ``queue`` with ``threads``, for a supervisor here."""
    arguments = (queue, str(threads), app, str(os.getpid()))
    return Program(
        queue, [sys.executable, "-m", "maverick_runners.master", *arguments], relieved=True
    )


def main() -> int:
    """Run the master that the arguments describe; return its exit code."""
    queue, threads, app, supervisor, line = sys.argv[1:]
    die_with_parent(int(supervisor))
    call_through(int(line))
    name_lines(queue)
    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    with counters_directory() as metrics:
        # Dramatiq reads these as it is imported. One message is fetched ahead for each thread:
        # fewer would leave threads idle, more would let messages wait behind a long task.
        os.environ.update(
            dramatiq_queue_prefetch=threads,
            dramatiq_worker_timeout=str(_IDLE_LOOK_MS),
            dramatiq_prom_db=metrics,
            dramatiq_prom_port=str(settings.metrics_port + QUEUES.index(queue)),
        )
        return _dramatiq(settings, f"{app}.{queue}", threads)


def _dramatiq(settings: Settings, broker: str, threads: str) -> int:
    from dramatiq import cli  # noqa: PLC0415 - after the environment is set

    arguments = [
        broker,
        *("--processes", "1", "--threads", threads, "--skip-logging"),
        *("--worker-shutdown-timeout", str(round(settings.stop_seconds * 1_000))),
        "--path",  # nothing: what is not installed is not imported
    ]
    parsed = cli.make_argument_parser().parse_args(arguments)  # type: ignore[no-untyped-call]
    return int(cli.main(parsed) or 0)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main())
