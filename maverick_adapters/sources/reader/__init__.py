"""Takes pages apart, each kind of source in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from maverick_adapters.sources.reader.html import read_html
from maverick_adapters.sources.reader.json import read_json
from maverick_adapters.sources.reader.json_ld import read_json_ld
from maverick_core.pipeline.scraping.ports import Fetched, PageYield
from maverick_core.pipeline.scraping.source import PageKind, Source

_READERS: Final[Mapping[PageKind, Callable[[Source, Fetched], PageYield]]] = {
    PageKind.HTML: read_html,
    PageKind.JSON: read_json,
    PageKind.JSON_LD: read_json_ld,
}


class SourceReader:
    """Satisfies ``PageReader``."""

    def read(self, source: Source, page: Fetched) -> PageYield:
        """Return the page's items and links; see ``PageReader.read``."""
        return _READERS[source.kind](source, page)


__all__ = ["SourceReader"]
