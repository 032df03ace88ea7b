"""Lists in parts, each found by where the one before ended (keyset), never by counting rows.

A cursor is opaque to people and checked when it comes back. It holds a position and nothing that a
caller could not ask for with a filter, so it needs no signature.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from maverick_core.kernel.errors import Rejected
from maverick_http.schemas.base import Page

_LARGEST: Final = 2**63 - 1  # that a database counts to

Position = TypeVar("Position")
Row = TypeVar("Row")
Shown = TypeVar("Shown")


class Cursor(Generic[Position]):
    """The cursors of one list: a position written as text, and read back."""

    def __init__(self, name: str, position: type[Position]) -> None:
        """Write positions of this type; ``name`` keeps another list's cursors out."""
        self._name = name
        self._shape: TypeAdapter[tuple[str, Position]] = TypeAdapter(
            tuple[str, position]  # type: ignore[valid-type]
        )

    def write(self, position: Position) -> str:
        """Return the text that means ``position``."""
        return urlsafe_b64encode(self._shape.dump_json((self._name, position))).decode()

    def read(self, text: str | None) -> Position | None:
        """Return the position that ``text`` means, None for the beginning of the list.

        Raises:
            Rejected: ``bad_cursor``, this list did not write it.

        """
        if text is None:
            return None
        try:
            written = urlsafe_b64decode(text.encode("ascii"))
            name, position = self._shape.validate_json(written)
            known = name == self._name and self.write(position) == text and _is_kept(position)
        except (ValueError, ValidationError):
            known = False
        if not known:
            raise Rejected(
                "The cursor is not one that this list gave out.",
                code="bad_cursor",
                remedy="Leave it out to begin with the first page.",
            )
        return position


def _is_kept(position: object) -> bool:
    """Say whether a database could have given it out; any other could not even be looked for."""
    match position:
        case tuple():
            return all(map(_is_kept, position))
        case int():
            return abs(position) <= _LARGEST
        case datetime():
            return position.utcoffset() == timedelta()
        case str():
            return "\x00" not in position
    return False


def page(
    found: Sequence[Row],
    limit: int,
    *,
    show: Callable[[Row], Shown],
    cursor: Callable[[Row], str],
) -> Page[Any]:
    """Return the first ``limit`` of ``found``; what was found beyond shows that there is more."""
    part = found[:limit]
    more = len(found) > limit
    return Page(
        data=[show(row) for row in part],
        next_cursor=cursor(part[-1]) if more else None,
        has_more=more,
    )
