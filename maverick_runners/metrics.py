"""Prometheus metrics of one master, on its own port of this machine and in its own directory."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from typing import Final

from dramatiq import Middleware

from maverick_runners.lifeline import die_with_parent

HOST: Final = "127.0.0.1"
_LOOK_SECONDS: Final = 0.2


def metrics() -> Middleware:
    """Return Dramatiq's counters, shown by a process that goes with its master.

    Their module writes to the disk when it is imported, so that waits until they are wanted.
    """
    from dramatiq.middleware.prometheus import Prometheus  # noqa: PLC0415

    class Metrics(Prometheus):
        @property
        def forks(self) -> list[Callable[[], int]]:
            return [expose]

    return Metrics()


def expose() -> int:
    """Answer on the port that the master was given until the process is stopped."""
    from dramatiq.middleware.prometheus import DB_PATH, HTTP_PORT  # noqa: PLC0415
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    die_with_parent(os.getppid())
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=DB_PATH)  # type: ignore[no-untyped-call]
    while True:
        try:
            _, thread = start_http_server(HTTP_PORT, addr=HOST, registry=registry)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            time.sleep(_LOOK_SECONDS)  # the process before this one has not ended yet
        else:
            thread.join()
            return 0
