"""Gives every request an id, and notes what its log line will say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import falcon

from maverick_core.kernel.errors import Rejected

HEADER: Final = "X-Request-Id"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_TRACE: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_NO_TRACE: Final = "0" * 32


@dataclass(slots=True)
class Notes:
    """What is known of a request while it is answered."""

    request_id: str
    trace_id: str = ""
    key: str = ""
    """The name of the caller's key."""
    code: str = ""
    """The code of the error that it ended with."""


def notes_of(request: falcon.Request) -> Notes:
    """Return the notes on a request; blank ones where Falcon refused it before we saw it."""
    if not hasattr(request.context, "notes"):
        request.context.notes = Notes("")
    notes: Notes = request.context.notes
    return notes


class RequestId:
    """Takes over a request's id where it has a good one, or gives it one.

    It comes back with the answer, in problem documents and in the log. It may be the caller's
    (``X-Request-Id``), or that of the trace that the request is a part of (W3C ``traceparent``).
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        """Give out ids of ``new_id``."""
        self._new_id = new_id

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Begin the notes; refuse an address with a null character, which no database keeps."""
        trace_id = _trace_id(request.get_header("traceparent"))
        given = request.get_header(HEADER) or ""
        request_id = given if _ID.fullmatch(given) else trace_id or self._new_id()
        request.context.notes = Notes(request_id, trace_id)
        response.set_header(HEADER, request_id)
        if "\x00" in request.path:
            raise Rejected("The address cannot be read.", code="bad_request")


def _trace_id(header: str | None) -> str:
    found = _TRACE.fullmatch(header or "")
    return found[1] if found and found[1] != _NO_TRACE else ""
