"""Reads query strings: known parameters only, each once."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError

from maverick_core.kernel.errors import Rejected
from maverick_http.errors import Flaw, Flawed
from maverick_http.flaws import flaws_of
from maverick_http.schemas.base import Query

_MOST_PARAMETERS: Final = 32

Asked = TypeVar("Asked", bound=Query)


def read_query(text: str, shape: type[Asked]) -> Asked:
    """Return what the query string asks for.

    Raises:
        Rejected: ``unknown_parameter`` or ``bad_parameter``.

    """
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise _bad([Flaw("#", "unreadable", "It cannot be read.")]) from None
    given = dict(pairs)
    for name, _ in pairs:
        if name not in shape.model_fields:
            raise _unknown(name, shape)
    if len(given) < len(pairs):
        raise _bad([Flaw("#", "repeated", "A parameter stands twice.")])
    if "\x00" in "".join(given.values()):
        raise _bad([Flaw("#", "null_character", "No text here holds a null character.")])
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise _bad(flaws_of(error)) from None


def _unknown(name: str, shape: type[Query]) -> Rejected:
    known = sorted(shape.model_fields)
    near = get_close_matches(name, known, n=1)
    if near:
        remedy = f"Did you mean {near[0]}?"
    else:
        remedy = f"Known here: {', '.join(known)}." if known else "Leave it out."
    return Rejected(
        "The address has a parameter that is not known here.",
        code="unknown_parameter",
        remedy=remedy,
    )


def _bad(flaws: Sequence[Flaw]) -> Flawed:
    return Flawed(
        "A parameter of the address is not what it should be.",
        code="bad_parameter",
        flaws=flaws,
        remedy="See `errors` for which one and why.",
    )
