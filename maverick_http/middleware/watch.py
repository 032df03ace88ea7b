"""Sees how every request went: a line in the log and counters for Prometheus.

Both name the route's template, never the address: an address may hold a person's data, and each one
would be a time series of its own.
"""

from __future__ import annotations

import time
from typing import Final

import falcon
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from maverick_http.errors import DEFECT
from maverick_http.middleware.context import notes_of

_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_log = structlog.get_logger(__name__)


class Watch:
    """Counts, measures and logs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Keep the counters in ``registry``."""
        labels = ("method", "route", "status")
        self._requests = Counter(
            "maverick_http_requests", "Requests answered.", labels, registry=registry
        )
        self._seconds = Histogram(
            "maverick_http_request_seconds",
            "Seconds until the answer was ready.",
            labels[:2],
            registry=registry,
            buckets=_SECONDS,
        )

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        """Start the watch."""
        request.context.began = time.perf_counter()

    def process_response(
        self,
        request: falcon.Request,
        response: falcon.Response,
        resource: object,  # noqa: ARG002 - the shape that Falcon asks for
        req_succeeded: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Stop it."""
        now = time.perf_counter()
        seconds = now - getattr(request.context, "began", now)
        method = request.method if request.method in _METHODS else "other"
        route = request.uri_template or _NO_ROUTE
        status = response.status_code
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        notes = notes_of(request)
        log = _log.error if status == DEFECT else _log.info
        log(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1_000, 1),
            request_id=notes.request_id,
            trace_id=notes.trace_id or None,
            key=notes.key or None,
            code=notes.code or None,
        )
