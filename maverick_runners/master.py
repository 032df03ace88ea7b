"""``python -m maverick_runners.master``: one Dramatiq master, as the supervisor starts it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import Settings, load_settings
from maverick_core.topology.queues import QUEUES
from maverick_runners.lifeline import call_through, die_with_parent
from maverick_runners.prefix import name_lines
from maverick_runners.supervisor import Program

APP: Final = "maverick_runners.app:brokers"
"""Where a worker process finds the broker of its queue, an attribute of that name."""

_METRICS: Final = "maverick-metrics-"
_IDLE_LOOK_MS: Final = 50  # dramatiq's default of a second would be the latency of an idle queue


def program(queue: str, threads: int, *, app: str = APP) -> Program:
    """Return the program that works off ``queue`` with ``threads``, for a supervisor here."""
    arguments = (queue, str(threads), app, str(os.getpid()))
    return Program(
        queue, [sys.executable, "-m", "maverick_runners.master", *arguments], relieved=True
    )


def clear_metrics() -> None:
    """Remove the metrics of masters that were killed before they could do it themselves."""
    for left in Path(tempfile.gettempdir()).glob(f"{_METRICS}*"):
        owner = left.name.removeprefix(_METRICS).partition("-")[0]
        if owner.isdecimal() and not _runs(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def main() -> int:
    """Run the master that the arguments describe; return its exit code."""
    queue, threads, app, supervisor, line = sys.argv[1:]
    die_with_parent(int(supervisor))
    call_through(int(line))
    name_lines(queue)
    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    clear_metrics()
    with tempfile.TemporaryDirectory(prefix=f"{_METRICS}{os.getpid()}-") as metrics:
        # Dramatiq reads these as it is imported. One message is fetched ahead for each thread:
        # fewer would leave threads idle, more would let messages wait behind a long task. The
        # metrics' directory is a fresh one, or counters of processes long gone would be shown.
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
