"""Fetches pages of public sites, politely and nowhere else, and takes them apart."""

from maverick_adapters.sources.guard import Guard
from maverick_adapters.sources.lists import FetchedLists
from maverick_adapters.sources.pages import WebPages
from maverick_adapters.sources.reader import SourceReader

__all__ = ["FetchedLists", "Guard", "SourceReader", "WebPages"]
