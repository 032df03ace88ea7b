"""What every answer tells browsers, errors included (reliability.md, checklist 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import falcon

SECURITY: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Nothing here is to be shown inside something else, guessed at, or kept by a cache."""


class SecurityHeaders:
    """Sets them where the answer has not set its own."""

    def process_response(
        self,
        request: falcon.Request,  # noqa: ARG002 - the shape that Falcon asks for
        response: falcon.Response,
        resource: object,  # noqa: ARG002
        req_succeeded: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Complete the headers."""
        for name, value in SECURITY.items():
            if response.get_header(name) is None:
                response.set_header(name, value)
