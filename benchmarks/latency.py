"""Latency: how soon a worker begins, where the queue was idle until then; real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from benchmarks import world
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from benchmarks.upload import raw_bison
from maverick_adapters.container import Wired, wire
from maverick_adapters.queueing import BrokerQueues
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement
from maverick_core.kernel.time import Month
from maverick_runners.brokers import redis_broker
from tests.services.databases import Databases
from tests.services.redis import running_redis

_NOBODY: Final = 10**9  # a batch that does not exist: its job begins, looks, and ends
_WORKSPACE: Final = "client-1"
_LOOK_SECONDS: Final = 0.01
_MOST_SECONDS: Final = 30.0

Sample = Callable[[int], float]


def measure(scale: Scale, databases: Databases) -> Result:
    """Give an idle set-up one piece of work after another, in two ways in turn."""
    samples = max(10, scale.contacts // 1_000)
    key, address = Vault.new_key(), databases.create()
    world.build(address, key, contacts=samples * world.WORKSPACES)
    with raw_bison(0) as bison, running_redis() as redis:
        settings = {
            "database_url": address,
            "bison_url": bison,
            "redis_url": redis.url,
            "secret_key": key,
            "metrics_port": "0",
            "http_port": "0",
        }
        with wire(load_settings(_env_file=None, **settings)) as wired, _up(settings):
            ways = _ways(wired)
            for way in ways.values():
                way(0)  # connections are opened, code is loaded
            found = {name: list[float]() for name in ways}
            for number in range(1, samples):
                for name, way in ways.items():
                    _rest(number)
                    found[name].append(way(number) * 1_000)
    print(f"  round 1: {samples - 1} of each")
    return Result(
        "latency",
        ("", "median ms", "fastest", "p90", "slowest"),
        [_row(name, figures) for name, figures in found.items()],
        [
            goal(f"Milliseconds from “{name}” to its begin, median", median(figures), most=50)
            for name, figures in found.items()
        ],
    )


def _ways(wired: Wired) -> Mapping[str, Sample]:
    """Return how work comes up; each way gives the seconds until a worker began with it."""
    queues = BrokerQueues({UPLOAD_QUEUE: redis_broker(wired.settings, UPLOAD_QUEUE, [])})
    month = Month.of(wired.clock.now(), wired.store.workspace(_WORKSPACE).zone)

    def message(number: int) -> float:
        given = wired.clock.now()
        queues.enqueue(Announcement(0, UPLOAD_QUEUE, UPLOAD_ACTOR, _NOBODY + number))
        return _begun(wired, _NOBODY + number) - given.timestamp()

    def batch(number: int) -> float:
        wired.set_target(_WORKSPACE, month, number + 1)
        planned = wired.plan_batches(_WORKSPACE, month, batch_size=1)
        committed = wired.clock.now()
        # A worker may be quicker than the plan's way back to us.
        return max(0.0, _begun(wired, planned.first_id or 0) - committed.timestamp())

    return {"message on the queue": message, "batch planned": batch}


def _begun(wired: Wired, arg: int) -> float:
    """Wait until the job of ``arg`` has ended and return when it began."""
    deadline = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < deadline:
        for job in wired.store.jobs(queue=UPLOAD_QUEUE, limit=3):
            if job.arg == arg and job.started_at and job.finished_at:
                return job.started_at.timestamp()
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError(f"nobody began with {arg}")


def _rest(number: int) -> None:
    """Rest, never twice as long: a rhythm would meet the workers' own."""
    time.sleep(0.1 + (number * 0.618) % 1 / 5)


def _row(name: str, figures: Sequence[float]) -> Sequence[str]:
    p90 = quantiles(figures, n=10)[-1]
    return name, *(f"{ms:,.0f}" for ms in (median(figures), min(figures), p90, max(figures)))


@contextmanager
def _up(settings: Mapping[str, str]) -> Iterator[None]:
    """Run ``maverick up`` as it comes."""
    told = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
    command = [str(Path(sys.executable).with_name("maverick")), "up"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env={**os.environ, **told}) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
