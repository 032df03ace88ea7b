"""Made-up directories to scrape: a listing in HTML, an API in JSON, pages with JSON-LD.

They import nothing of ours. Talk to ``ExampleSites().app`` in process, or to ``serve(sites)`` over
the loopback interface.
"""

from contracts.sites.app import ExampleSites, Visit, serve

__all__ = ["ExampleSites", "Visit", "serve"]
