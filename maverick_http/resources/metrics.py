"""Figures for Prometheus: of this facade, and of what waits in the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from maverick_core.access.rules import Scope
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.backlog import Backlogs
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery


@dataclass(frozen=True, slots=True)
class MetricsResource:
    """Metrics. ``registry`` counts the requests of this process."""

    registry: CollectorRegistry
    backlogs: Backlogs
    clock: Clock

    @route(
        "GET",
        "/metrics",
        scope=Scope.OPERATIONS_READ,
        base="",
        answers=None,
        media=CONTENT_TYPE_PLAIN_0_0_4,
        everywhere=True,
        loopback=True,
    )
    def show(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Return metrics for Prometheus; who asks on this machine itself needs no key."""
        waiting = CollectorRegistry()
        waiting.register(_Waiting(self.backlogs, self.clock))
        return Reply(generate_latest(_of_all_processes(self.registry)) + generate_latest(waiting))


def _of_all_processes(own: CollectorRegistry) -> CollectorRegistry:
    """Return the counters of all processes of this server, or our own where it has only one."""
    shared = CollectorRegistry()
    try:
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    except ValueError:  # nobody named a directory to share
        return own
    return shared


class _Waiting(Collector):
    """What waits in the record, asked once for each scrape."""

    def __init__(self, backlogs: Backlogs, clock: Clock) -> None:
        self._backlogs = backlogs
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        backlog = self._backlogs.backlog()
        batches = GaugeMetricFamily("maverick_batches", "Batches.", labels=["state"])
        for state, count in backlog.batches.items():
            batches.add_metric([state], count)
        yield batches
        yield self._age(
            "maverick_ready_batch_age_seconds",
            "Since when the batch waits that is ready the longest; 0 where none is.",
            backlog.ready_since,
        )
        yield self._age(
            "maverick_expired_lease_age_seconds",
            "Since when a batch's worker gives no sign of life; 0 where all do.",
            backlog.expired_since,
        )
        yield self._age(
            "maverick_outbox_age_seconds",
            "Since when work waits that no worker was told of; 0 where none does.",
            backlog.unsent_since,
        )

    def _age(self, name: str, words: str, since: datetime | None) -> Metric:
        seconds = (self._clock.now() - since).total_seconds() if since else 0.0
        return GaugeMetricFamily(name, words, max(0.0, seconds))
