"""Puts the application together: routes, gate, middleware, errors. Nothing happens on import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import falcon
import orjson
import structlog
from prometheus_client import CollectorRegistry

from maverick_adapters.settings import networks
from maverick_core.access.service import AuditChange, Authenticate
from maverick_core.kernel.errors import MaverickError
from maverick_http.auth import Door, Strangers
from maverick_http.errors import (
    PROBLEM,
    defect,
    headers_of,
    is_private,
    of_falcon,
    problem,
    status_of,
    unwell,
)
from maverick_http.facade import Facade
from maverick_http.gate import Gate, Responder
from maverick_http.middleware.context import RequestId, notes_of
from maverick_http.middleware.headers import SecurityHeaders
from maverick_http.middleware.watch import Watch
from maverick_http.owners import Owners
from maverick_http.rates import limits
from maverick_http.replays import Once
from maverick_http.resources import RESOURCES
from maverick_http.routes import routes_of

_ID_BYTES = 16

_log = structlog.get_logger(__name__)

App = falcon.App[falcon.Request, falcon.Response]


def build_app(facade: Facade) -> App:
    """Return the WSGI application that answers for ``facade``."""
    settings = facade.settings
    door = Door(
        Authenticate(facade.store, facade.clock),
        limits(settings, facade.clock),
        networks(settings.http_trusted_proxies),
        Strangers(),
    )
    gate = Gate(
        door,
        Once(facade.store, facade.clock),
        AuditChange(facade.store, facade.clock, facade.randomness),
        Owners(facade.store, facade.store),
        settings.http_body_limit,
        settings.http_content_limit,
    )
    registry = CollectorRegistry()
    app: App = falcon.App(
        middleware=[
            Watch(registry),
            RequestId(lambda: facade.randomness.random_bytes(_ID_BYTES).hex()),
            SecurityHeaders(),
        ]
    )
    app.req_options.strip_url_path_trailing_slash = False
    for path, responders in _paths(facade, registry, gate).items():
        app.add_route(path, _Path(responders))
    _answer_errors(app, settings.docs_url)
    return app


class _Path:
    """One address: Falcon finds a responder by the name of its method."""

    def __init__(self, responders: Iterable[tuple[str, Responder]]) -> None:
        for method, responder in responders:
            setattr(self, f"on_{method.lower()}", responder)
            if method == "GET":
                self.on_head = responder  # Falcon leaves the body out


def _paths(
    facade: Facade, registry: CollectorRegistry, gate: Gate
) -> dict[str, list[tuple[str, Responder]]]:
    paths: dict[str, list[tuple[str, Responder]]] = {}
    for kind, build in RESOURCES.items():
        resource = build(facade, registry)
        for route in routes_of(kind):
            responder = gate.responder(route, getattr(resource, route.handler))
            paths.setdefault(route.path, []).append((route.method, responder))
    return paths


def _answer_errors(app: App, docs_url: str) -> None:
    """Have every error answered in one form, ours, Falcon's and those that nobody foresaw."""

    def refuse(
        request: falcon.Request,
        response: falcon.Response,
        error: MaverickError,
        _params: dict[str, Any],
    ) -> None:
        notes = notes_of(request)
        notes.code = error.code
        if is_private(error):
            request_id = notes.request_id
            _log.error("record not reached", request_id=request_id, code=error.code, why=str(error))
            error = unwell(error.code)
        response.status = status_of(error)
        document = problem(error, request_id=notes.request_id, docs_url=docs_url)
        response.data = orjson.dumps(document)
        response.content_type = PROBLEM
        response.set_headers(dict(headers_of(error)))

    def refuse_for_falcon(
        request: falcon.Request,
        response: falcon.Response,
        error: falcon.HTTPError,
        params: dict[str, Any],
    ) -> None:
        refuse(request, response, of_falcon(error), params)
        response.set_headers(error.headers or {})

    def confess(
        request: falcon.Request,
        response: falcon.Response,
        error: Exception,
        params: dict[str, Any],
    ) -> None:
        request_id = notes_of(request).request_id
        _log.error("request failed", request_id=request_id, exc_info=error)
        refuse(request, response, defect(), params)

    app.add_error_handler(Exception, confess)
    app.add_error_handler(falcon.HTTPError, refuse_for_falcon)
    app.add_error_handler(MaverickError, refuse)
