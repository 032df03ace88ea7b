"""Reads the JSON-LD that pages carry for search engines: schema.org's people and businesses."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from maverick_adapters.sources.reader.html import next_links, parse
from maverick_adapters.sources.reader.json import decoded, everything, json_items
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.scraping.ports import Fetched, PageYield
from maverick_core.pipeline.scraping.source import Source


def read_json_ld(source: Source, page: Fetched) -> PageYield:
    """Return the objects of the source's type, wherever in the page's data they stand.

    A block that is not JSON is passed over, as search engines do; a page with no block that can be
    read is unreadable.
    """
    tree = parse(page)
    blocks = list(_blocks(tree))
    found = [each for block in blocks for each in _of_type(block, source.item or "")]
    return PageYield(json_items(source, found), next_links(source, page, tree))


def _blocks(tree: LexborHTMLParser) -> Iterator[object]:
    read = 0
    scripts = tree.css("script[type='application/ld+json' i]")
    for script in scripts:
        try:
            block = decoded((script.text() or "").encode())
        except Rejected:
            continue
        read += 1
        yield block
    if scripts and not read:
        raise Rejected("The page's JSON-LD cannot be read.", code="page_unreadable")


def _of_type(block: object, wanted: str) -> Iterator[object]:
    for each in everything(block):
        if isinstance(each, dict):
            types = each.get("@type")
            if wanted in (types if isinstance(types, list) else [types]):
                yield each
