"""The how-tos speak of requests that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from maverick_http.resources import RESOURCES
from maverick_http.routes import API, routes_of

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs/how-to").glob("*.md"))
SERVER = "http://127.0.0.1:8000"


def requests() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield method, path and the names of the headers of every curl on the pages."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    lines = (
        "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ").splitlines()
    )
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[:1] != ["curl"]:
            continue
        [address] = [word for word in words if word.startswith(("$MAVERICK", SERVER))]
        path = address.replace("$MAVERICK", API).removeprefix(SERVER).partition("?")[0]
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        headers = {words[n + 1].partition(":")[0] for n, word in enumerate(words) if word == "-H"}
        yield method, path, frozenset(headers)


def test_every_request_on_the_pages_is_one_that_is_answered() -> None:
    """With the headers that its route asks for."""
    routes = [route for kind in RESOURCES for route in routes_of(kind)]
    seen = list(requests())

    assert len(seen) > 8
    for method, path, headers in seen:
        [route] = [
            each
            for each in routes
            if each.method == method
            and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(each.path)), path)
        ]
        assert ("Idempotency-Key" in headers) == route.once, path
        assert ("If-Match" in headers) == route.conditional, path
        assert ("$KEY" in headers) == (route.scope is not None and not route.loopback), path
