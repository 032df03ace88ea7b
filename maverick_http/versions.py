"""Changes that are based on what was read: ``ETag`` out, ``If-Match`` in (RFC 9110, 13.1.1)."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Final

from maverick_core.kernel.errors import Conflict, Rejected

_ANY: Final = "*"
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"', re.ASCII)


def etag_of(version: object) -> str:
    """Return the ETag of a version, which is anything that JSON can hold."""
    written = json.dumps(version, sort_keys=True, default=str)
    return f'"{sha256(written.encode()).hexdigest()[:32]}"'


def if_match(header: str | None) -> frozenset[str] | None:
    """Return the ETags that a change may be based on, None for any.

    A weak one never matches, but is no mistake.

    Raises:
        Rejected: ``if_match_missing``, or ``bad_request`` for what is no list of ETags.

    """
    if header is None or not header.strip():
        raise Rejected(
            "A change has to say which version it is based on.",
            code="if_match_missing",
            remedy="Read first, then send the ETag of that answer as If-Match.",
        )
    if header.strip() == _ANY:
        return None
    tags = [tag.strip() for tag in header.split(",")]
    if not all(map(_TAG.fullmatch, tags)):
        raise Rejected(
            "If-Match is not a list of ETags.",
            code="bad_request",
            remedy='Send the ETag as it was given, with its quotes, or "*".',
        )
    return frozenset(tags)


def check_version(based_on: frozenset[str] | None, version: object) -> None:
    """Let a change go on that is based on what is there now.

    Raises:
        Conflict: ``changed_meanwhile``.

    """
    if based_on is not None and etag_of(version) not in based_on:
        raise Conflict(
            "It was changed meanwhile.",
            code="changed_meanwhile",
            remedy="Read it again, look at what changed, and send the change with the new ETag.",
        )
