"""A directory read by a plain script: httpx and selectolax in one loop, nothing on record.

It reads of each page what the product reads, and goes on where the page leads. It keeps to no pace,
asks no robots.txt, judges no address, and after a crash begins anew.

python -m benchmarks.raw_scrape URL
"""

from __future__ import annotations

import sys
from urllib.parse import urljoin

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks import child


def main() -> None:
    url: str | None = sys.argv[1]
    pages = contacts = 0
    with child.Stopwatch() as watch, httpx.Client(timeout=30) as client:
        while url:
            tree = LexborHTMLParser(client.get(url).text)
            contacts += len({row["email"] for row in map(_agent, tree.css(".agent"))})
            pages += 1
            link = tree.css_first("a.next")
            url = urljoin(url, link.attributes["href"]) if link else None
    child.report(watch, pages=pages, contacts=contacts)


def _agent(node: LexborNode) -> dict[str, str]:
    link = node.css_first("a.mail")
    mail = (link and link.attributes["href"]) or ""
    fields = {name: node.css_first(css) for name, css in _FIELDS.items()}
    texts = {name: found.text().strip() for name, found in fields.items() if found}
    return {**texts, "email": mail.removeprefix("mailto:").lower()}


_FIELDS = {"full_name": "h2", "company": ".company", "phone": ".phone", "state": ".state"}


if __name__ == "__main__":
    main()
