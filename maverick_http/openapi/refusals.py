"""Which statuses a route may refuse with, as far as its declaration tells."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from maverick_core.kernel.errors import Conflict, Missing, Rejected, Unavailable
from maverick_http.errors import (
    DEFECT,
    STATUS_BY_CLASS,
    STATUS_BY_CODE,
    Forbidden,
    TooMany,
    Unauthenticated,
)
from maverick_http.routes import Route


def refusals(route: Route) -> Iterator[HTTPStatus]:
    """Yield them in order, each once."""
    yield from sorted(set(_refusals(route)))


def _refusals(route: Route) -> Iterator[HTTPStatus]:
    yield DEFECT
    yield from (STATUS_BY_CODE[code] for code in ("bad_request", "length_required"))
    yield STATUS_BY_CODE["body_too_large"]
    if route.scope:
        yield from (STATUS_BY_CLASS[kind] for kind in (Unauthenticated, Forbidden, TooMany))
        yield STATUS_BY_CLASS[Unavailable]
    if route.fields or not route.takes_body:
        yield from (STATUS_BY_CLASS[kind] for kind in (Missing, Rejected))
    if route.takes_body or route.content:
        yield STATUS_BY_CODE["wrong_media_type"]
        yield from (STATUS_BY_CLASS[kind] for kind in (Missing, Rejected, Conflict))
    if route.conditional:
        yield from (STATUS_BY_CODE[code] for code in ("changed_meanwhile", "if_match_missing"))
