"""The contract, for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maverick_http.openapi.document import as_text
from maverick_http.openapi.page import CONTENT_SECURITY, html
from maverick_http.routes import JSON, Call, Reply, route
from maverick_http.schemas.base import NoQuery


class ReferenceResource:
    """The OpenAPI document and its page, written once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Show ``document``."""
        self._json = as_text(document).encode()
        self._html = html(document).encode()

    @route("GET", "/api/openapi.json", scope=None, base="", answers=None, media=JSON)
    def document(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Return this document."""
        return Reply(self._json)

    @route("GET", "/api/docs", scope=None, base="", answers=None, media="text/html; charset=utf-8")
    def page(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Return this document as a page."""
        return Reply(self._html, headers={"Content-Security-Policy": CONTENT_SECURITY})
