"""Lists in pages: length-aware as the API has always had, by cursor as it has lately."""

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import Any, TypeVar

import falcon

from contracts.bison.stub.switches import Switches

PAGE = 15
"""Rows of a page (vendor documentation)."""

Row = TypeVar("Row")


def page(
    request: falcon.Request,
    rows: Collection[Row],
    shape: Callable[[Row], Any],
    switches: Switches,
) -> dict[str, Any]:
    """Answer the page a request asks for; a page past the end is empty."""
    size = PAGE
    if switches.per_page == "honoured":
        size = max(1, _number(request, "per_page", PAGE))
    if switches.pagination == "cursor" and request.get_param("pagination_type") == "cursor":
        return _by_cursor(request, rows, shape, size)

    current = max(1, _number(request, "page", 1))
    start = (current - 1) * size
    shown = [shape(row) for row in islice(rows, start, start + size)]
    return {
        "data": shown,
        "links": _links(request.path, current, _last(rows, size)),
        "meta": {
            "current_page": current,
            "from": start + 1 if shown else None,
            "last_page": _last(rows, size),
            "links": [],
            "path": request.path,
            "per_page": size,
            "to": start + len(shown) if shown else None,
            "total": len(rows),
        },
    }


def _by_cursor(
    request: falcon.Request,
    rows: Collection[Row],
    shape: Callable[[Row], Any],
    size: int,
) -> dict[str, Any]:
    """Answer without a total; the cursor is the offset, which a client must not rely on."""
    start = _number(request, "cursor", 0)
    taken: Sequence[Row] = list(islice(rows, start, start + size + 1))
    following = str(start + size) if len(taken) > size else None
    return {
        "data": [shape(row) for row in taken[:size]],
        "links": {"first": None, "last": None, "prev": None, "next": following},
        "meta": {
            "path": request.path,
            "per_page": size,
            "next_cursor": following,
            "prev_cursor": str(max(0, start - size)) if start else None,
        },
    }


def _last(rows: Collection[Row], size: int) -> int:
    return max(1, -(-len(rows) // size))


def _links(path: str, current: int, last: int) -> dict[str, str | None]:
    return {
        "first": f"{path}?page=1",
        "last": f"{path}?page={last}",
        "prev": f"{path}?page={current - 1}" if current > 1 else None,
        "next": f"{path}?page={current + 1}" if current < last else None,
    }


def _number(request: falcon.Request, name: str, default: int) -> int:
    """Read a number the lenient way: what is none counts as absent."""
    text = request.get_param(name) or ""
    return int(text) if text.isdecimal() else default
