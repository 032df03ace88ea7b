"""Reads bodies: strict JSON of a bounded size, before a schema looks at it.

JSON leaves open what a document with the same key twice means, and parsers differ on ``NaN``, lone
surrogates and depth (RFC 8259, 4, 6, 8.2, 9). Whatever two readers could take differently is
refused, and whatever a database could not keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from email.message import Message
from typing import Any, Final, Never, TypeVar

import falcon
from pydantic import ValidationError

from maverick_core.kernel.errors import Rejected
from maverick_http.errors import Flawed
from maverick_http.flaws import flaws_of
from maverick_http.schemas.base import Body

DEEPEST: Final = 16  # our shapes have two levels
_MEDIA: Final = "application/json"
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")

Shape = TypeVar("Shape", bound=Body)


def check_size(request: falcon.Request, limit: int) -> None:
    """Refuse a body before a byte of it is read.

    Falcon's stream is empty where a length is missing, so that a chunked body would look like none.

    Raises:
        Rejected: ``length_required`` or ``body_too_large``.

    """
    if request.get_header("Transfer-Encoding"):
        raise Rejected(
            "The body comes without its length.",
            code="length_required",
            remedy="Send a Content-Length, not chunks.",
        )
    if (request.content_length or 0) > limit:
        raise Rejected(
            f"The body is larger than {limit:,} bytes.",
            code="body_too_large",
            remedy="Send less at a time.",
        )


def read_body(request: falcon.Request) -> bytes:
    """Return the body of a request whose size was checked.

    Raises:
        Rejected: ``bad_json``, it broke off.

    """
    length = request.content_length or 0
    raw = bytes(request.bounded_stream.read(length))
    if len(raw) < length:
        raise _bad_json("The body is shorter than its Content-Length.")
    return raw


def parse_body(raw: bytes, content_type: str | None, shape: type[Shape]) -> Shape:
    """Return what the body says.

    Raises:
        Rejected: ``wrong_media_type``, ``bad_json`` or ``invalid_body``.

    """
    if not shape.model_fields and not raw:
        return shape()
    _check_media(content_type)
    _check_json(raw)
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        raise Flawed(
            "The body is not what this address takes.",
            code="invalid_body",
            flaws=flaws_of(error),
            remedy="See `errors` for which field and why.",
        ) from None


def check_content(content_type: str | None, media: str) -> None:
    """Refuse bytes that are not sent as what they are.

    Raises:
        Rejected: ``wrong_media_type``.

    """
    if (content_type or "").strip().lower() != media:
        raise Rejected(
            f"The body is not sent as {media}.",
            code="wrong_media_type",
            remedy=f"Send the bytes as they are, as Content-Type: {media}.",
        )


def _check_media(content_type: str | None) -> None:
    header = Message()
    header["Content-Type"] = (content_type or "").encode("ascii", "replace").decode()
    charset = str(header.get_param("charset", "utf-8")).lower()
    if header.get_content_type() != _MEDIA or charset != "utf-8" or not content_type:
        raise Rejected(
            "The body is not sent as JSON.",
            code="wrong_media_type",
            remedy=f"Send it as Content-Type: {_MEDIA}, in UTF-8.",
        )


def _check_json(raw: bytes) -> None:
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant
        )
    except RecursionError:
        raise _bad_json("The body is nested too deeply.") from None
    except ValueError:
        raise _bad_json("The body is not JSON.") from None
    _check_values(document)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _bad_json("An object of the body has a key twice.")
    return found


def _constant(_name: str) -> Never:
    raise _bad_json("The body holds a number that JSON does not have.")


def _check_values(document: Any) -> None:
    """Look at everything, level by level."""
    level = [document]
    for _ in range(DEEPEST):
        for value in level:
            _check_text(value)
        level = [part for value in level for part in _parts(value)]
        if not level:
            return
    raise _bad_json("The body is nested too deeply.")


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def _check_text(value: Any) -> None:
    """Refuse half a character, and the null character, which PostgreSQL cannot keep."""
    if isinstance(value, str) and _NO_TEXT.search(value):
        raise _bad_json("A text of the body holds characters that no text has.")


def _bad_json(what: str) -> Rejected:
    return Rejected(what, code="bad_json", remedy="Send one JSON document in UTF-8.")
