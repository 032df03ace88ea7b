"""What pydantic found wrong with a request, in words for people and never with what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from maverick_http.errors import Flaw

_MANY = 50  # flaws named; who sends more has other worries


def flaws_of(error: ValidationError, *, root: str = "#") -> Sequence[Flaw]:
    """Return what is wrong and where, as JSON pointers below ``root``."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        Flaw("/".join([root, *map(_escaped, each["loc"])]), each["type"], f"{each['msg']}.")
        for each in found[:_MANY]
    ]


def _escaped(part: Any) -> str:
    """Return a part of a JSON pointer (RFC 6901, 3)."""
    return str(part).replace("~", "~0").replace("/", "~1")
