"""What gunicorn's master does for us (``-c python:maverick_http.hooks``): counters of the dead.

Each worker counts in files of its own. One that has gone leaves its counters to be added up, and
its gauges, which are of no use any more.
"""

from __future__ import annotations

from typing import Any


def child_exit(_server: Any, worker: Any) -> None:
    """Take away what only a living worker can say."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - in the master

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
