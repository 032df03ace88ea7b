"""A source: a site described by data, so that a new directory needs no code (scope.md, P1).

Three kinds of pages are understood. Of ``html`` pages, items and fields are named by CSS selectors,
``a.mail@href`` meaning the attribute. Of ``json`` answers, by dotted paths. Of ``json-ld`` pages,
items are named by their type and fields by dotted paths into them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.scraping.addresses import BadAddress, page_url

FIELDS: Final = (
    "email",
    "first_name",
    "last_name",
    "full_name",
    "company",
    "title",
    "phone",
    "state",
    "line_of_business",
    "notes",
)
"""What a source may say of a contact, in the order that tables show it."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LONGEST_SELECTOR: Final = 500  # characters
_MOST_STARTS: Final = 1_000


class PageKind(StrEnum):
    """What a source's pages are written in."""

    HTML = "html"
    JSON = "json"
    JSON_LD = "json-ld"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a source is taken, and how gently. A site's own robots.txt may ask for less."""

    pages: int = 1_000
    requests_per_minute: int = 30
    page_bytes: int = 5_000_000
    page_seconds: int = 30

    @property
    def every_seconds(self) -> float:
        """The time between the starts of two requests to one host."""
        return 60.0 / self.requests_per_minute


_BOUNDS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "pages": (1, 1_000_000),
        "requests_per_minute": (1, 60_000),
        "page_bytes": (1_000, 50_000_000),
        "page_seconds": (1, 300),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A site and how to read it.

    ``item`` names each contact on a page; without it the page as a whole is one. ``next`` names the
    link to the page after. What ``fields`` does not name is not taken, but for the e-mail: without
    a field of its own, it is looked for in the item's text.
    """

    name: str
    kind: PageKind
    start: Sequence[str]
    item: str | None = None
    next: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()


class BadSource(Rejected):
    """The description of a source cannot be followed; the message names the entry at fault."""

    def __init__(self, where: str, what: str) -> None:
        """Say where in the description and what is wrong there."""
        super().__init__(
            f"{where}: {what}",
            code="bad_source",
            remedy="The how-to on sources shows a description of each kind.",
        )


def parse_source(described: Mapping[str, object]) -> Source:
    """Read the description of a source, as TOML or JSON give it.

    Raises:
        BadSource: an entry is missing, unknown or wrong.

    """
    known = {"name", "kind", "start", "item", "next", "fields", "limits"}
    if unknown := sorted(described.keys() - known):
        raise BadSource(
            unknown[0], f"there is no such entry. There are: {', '.join(sorted(known))}."
        )
    name = _text(described, "name")
    if not _NAME.fullmatch(name):
        raise BadSource("name", "use lower-case letters, digits and hyphens.")
    kind = _kind(described.get("kind", PageKind.HTML.value))
    item = _optional(described, "item")
    if item is None and kind is not PageKind.HTML:
        raise BadSource("item", f"a {kind} source has to say what its items are.")
    return Source(
        name=name,
        kind=kind,
        start=_starts(described.get("start")),
        item=item,
        next=_optional(described, "next"),
        fields=_fields(described.get("fields", {})),
        limits=_limits(described.get("limits", {})),
    )


def describe(source: Source) -> Mapping[str, object]:
    """Return the description that ``parse_source`` reads as ``source``."""
    limits = source.limits
    return {
        "name": source.name,
        "kind": source.kind.value,
        "start": list(source.start),
        **({"item": source.item} if source.item else {}),
        **({"next": source.next} if source.next else {}),
        "fields": dict(source.fields),
        "limits": {name: getattr(limits, name) for name in _BOUNDS},
    }


def _text(described: Mapping[str, object], entry: str, where: str = "") -> str:
    value = described.get(entry)
    if not isinstance(value, str) or not value.strip():
        raise BadSource(where + entry, "it has to be a text.")
    if len(value) > _LONGEST_SELECTOR:
        raise BadSource(where + entry, f"it is longer than {_LONGEST_SELECTOR} characters.")
    return value.strip()


def _optional(described: Mapping[str, object], entry: str) -> str | None:
    return _text(described, entry) if described.get(entry) is not None else None


def _kind(value: object) -> PageKind:
    try:
        return PageKind(str(value))
    except ValueError:
        kinds = ", ".join(PageKind)
        raise BadSource("kind", f"it is none of {kinds}.") from None


def _starts(value: object) -> Sequence[str]:
    urls = [value] if isinstance(value, str) else value
    if not isinstance(urls, list) or not 1 <= len(urls) <= _MOST_STARTS:
        raise BadSource("start", f"it has to be 1 to {_MOST_STARTS:,} addresses of pages.")
    starts = []
    for number, url in enumerate(urls, 1):
        try:
            starts.append(page_url(str(url)))
        except BadAddress as error:
            raise BadSource(f"start, number {number}", str(error)) from error
    return tuple(dict.fromkeys(starts))


def _fields(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise BadSource("fields", "it has to be a table of field = selector.")
    if unknown := [str(name) for name in value if name not in FIELDS]:
        raise BadSource(f"fields.{unknown[0]}", f"there is no such field. There are: {_LISTED}.")
    return MappingProxyType({name: _text(value, name, "fields.") for name in value})


_LISTED: Final = ", ".join(FIELDS)


def _limits(value: object) -> Limits:
    if not isinstance(value, Mapping):
        raise BadSource("limits", "it has to be a table of limit = number.")
    for name, number in value.items():
        if name not in _BOUNDS:
            listed = ", ".join(_BOUNDS)
            raise BadSource(f"limits.{name}", f"there is no such limit. There are: {listed}.")
        least, most = _BOUNDS[name]
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise BadSource(f"limits.{name}", f"it has to be a number from {least} to {most:,}.")
    return Limits(**value)
