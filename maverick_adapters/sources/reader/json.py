"""Reads JSON answers by dotted paths: ``data.agents``, ``contact.emails.0``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.scraping.addresses import linked_url
from maverick_core.pipeline.scraping.ports import Fetched, PageYield
from maverick_core.pipeline.scraping.rules import TEXT
from maverick_core.pipeline.scraping.source import Source


def read_json(source: Source, page: Fetched) -> PageYield:
    """Return the items at the source's path, and where its ``next`` leads."""
    whole = decoded(page.body)
    found = at_path(whole, source.item or "")
    items = json_items(source, found if isinstance(found, list) else [found])
    link = text_of(at_path(whole, source.next)) if source.next else ""
    url = linked_url(page.url, link) if link else None
    return PageYield(items, (url,) if url else ())


def decoded(body: bytes) -> object:
    """Return what the JSON text says.

    Raises:
        Rejected: ``page_unreadable``.

    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Rejected("The page is not JSON.", code="page_unreadable") from None


def json_items(source: Source, found: Iterable[object]) -> Sequence[Mapping[str, str]]:
    """Return the fields of each object, and all its text; what is no object is left out."""
    items = []
    for each in found:
        if isinstance(each, dict):
            fields = {
                name: value
                for name, path in source.fields.items()
                if (value := text_of(at_path(each, path)))
            }
            items.append({**fields, TEXT: " ".join(_texts(each))})
    return items


def at_path(value: object, path: str) -> object:
    """Return what stands at a dotted path, None where nothing does; ``""`` is all of it."""
    for part in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def text_of(value: object) -> str:
    """Return a scalar as text, of a list its first; anything else says nothing."""
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _texts(value: object) -> Iterator[str]:
    return (each for each in everything(value) if isinstance(each, str))


def everything(value: object) -> Iterator[object]:
    """Return ``value`` and all that is in it, in order; by hand, for strangers nest deeply."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        yield each
        inside = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        waiting.extend(reversed(list(inside)))
