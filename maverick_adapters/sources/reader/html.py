"""Reads HTML by CSS selectors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from maverick_core.pipeline.scraping.addresses import linked_url
from maverick_core.pipeline.scraping.emails import cloudflare_email, email_of_link
from maverick_core.pipeline.scraping.ports import Fetched, PageYield
from maverick_core.pipeline.scraping.rules import TEXT
from maverick_core.pipeline.scraping.source import BadSource, Source

_UNSEEN: Final = ["script", "style", "template", "noscript"]  # what no visitor reads

_HEAD: Final = 1_024  # bytes; HTML wants the declaration there
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


def parse(page: Fetched) -> LexborHTMLParser:
    """Parse a page, its bytes read as browsers do: by its header, by itself, else as a guess."""
    declared = _CHARSET.search(page.content_type.encode()) or _CHARSET.search(page.body[:_HEAD])
    names = [declared[1].decode().lower()] if declared else []
    for name in (*names, "utf-8"):
        try:
            return LexborHTMLParser(page.body.decode(name, "strict"))
        except (LookupError, UnicodeError):
            continue
    return LexborHTMLParser(page.body.decode("cp1252", "replace"))


def read_html(source: Source, page: Fetched) -> PageYield:
    """Return the items that the source's selectors find, and the links to the pages after."""
    tree = parse(page)
    links = next_links(source, page, tree)
    tree.strip_tags(_UNSEEN)
    nodes = _select(tree, source.item, "item") if source.item else _body(tree)
    return PageYield([_item(source, node) for node in nodes], links)


def next_links(source: Source, page: Fetched, tree: LexborHTMLParser) -> Sequence[str]:
    """Return the pages that the source's ``next`` leads to, each once."""
    if source.next is None:
        return ()
    nodes = _select(tree, source.next, "next")
    links = (node.attributes.get("href") or "" for node in nodes)
    return tuple(
        dict.fromkeys(url for link in links if link and (url := linked_url(page.url, link)))
    )


def _body(tree: LexborHTMLParser) -> Sequence[LexborNode]:
    return [tree.body] if tree.body else []


def _item(source: Source, node: LexborNode) -> Mapping[str, str]:
    found = {
        name: value
        for name, selector in source.fields.items()
        if (value := _field(node, name, selector))
    }
    return {**found, TEXT: _text(node)}


def _field(node: LexborNode, name: str, selector: str) -> str:
    css, attribute = _parted(selector)
    found = _select(node, css, f"fields.{name}") if css else [node]
    if not found:
        return ""
    if not attribute:
        return _text(found[0]) if name == "email" else found[0].text(separator=" ").strip()
    value = found[0].attributes.get(attribute) or ""
    if name == "email":
        return email_of_link(value) or cloudflare_email(value) or value
    return value


def _parted(selector: str) -> tuple[str, str]:
    """Part ``a.mail@href``; an ``@`` inside the selector itself stays there."""
    css, at, attribute = selector.rpartition("@")
    if at and re.fullmatch(r"[\w-]+", attribute, re.ASCII):
        return css.strip(), attribute
    return selector.strip(), ""


def _text(node: LexborNode) -> str:
    """Return what a visitor reads, with the addresses that stand only in attributes beside it."""
    return " ".join([node.text(separator=" "), *_hidden(node)])


def _hidden(node: LexborNode) -> Iterator[str]:
    for link in node.css("a[href^='mailto:' i]"):
        yield email_of_link(link.attributes.get("href") or "") or ""
    for cloaked in node.css("[data-cfemail]"):
        yield cloudflare_email(cloaked.attributes.get("data-cfemail") or "") or ""


def _select(node: LexborHTMLParser | LexborNode, selector: str, where: str) -> Sequence[LexborNode]:
    try:
        return node.css(selector)
    except (SelectolaxError, ValueError):
        raise BadSource(where, f"{selector!r} is no CSS selector.") from None
