"""A site that costs next to nothing, so that what is measured is the scraper.

A listing of people, page by page, each leading to the next one; every page is made beforehand, and
found by its number. ``/robots.txt`` says nothing but the pace, if one is given. Pages are counted
as they are given.

    python -m benchmarks.raw_site --pages 10000
"""

from __future__ import annotations

import argparse
import re
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Final

PEOPLE: Final = 5  # on each page
_HEAD_END: Final = b"\r\n\r\n"
_PAGE: Final = re.compile(rb"/people\?page=(\d+)")
_RECEIVE: Final = 1 << 16
_ROBOTS: Final = b"User-agent: *\nDisallow: /private\n"


@dataclass(slots=True)
class RawSite:
    """What is given, and how often."""

    pages: Sequence[bytes]
    given: int = 0
    robots: int = 0
    connections: int = 0
    _lock: Lock = field(default_factory=Lock)

    def answer(self, target: bytes) -> bytes:
        """Return the whole answer to a request."""
        if found := _PAGE.match(target):
            with self._lock:
                self.given += 1
            return self.pages[int(found[1]) - 1]
        if target == b"/robots.txt":
            self.robots += 1
            return _answer(_ROBOTS, b"text/plain")
        told = b'{"given": %d, "robots": %d, "connections": %d}'
        return _answer(told % (self.given, self.robots, self.connections), b"application/json")


def page(number: int, pages: int) -> str:
    """Return one page of a directory: cards with a name, a company, a phone, and an address."""
    first = (number - 1) * PEOPLE
    cards = "".join(
        f'<div class="agent"><h2>Ann Lee{n}</h2><p class="company">Company {n % 997} Insurance</p>'
        f'<p class="phone">(614) 555-{n % 10_000:04d}</p><p class="state">OH</p>'
        f'<a class="mail" href="mailto:person{n}@agency{n % 997}.example">Write</a>'
        f"<p>{'Home, auto and life, for families and their firms. ' * 6}</p></div>"
        for n in range(first, first + PEOPLE)
    )
    link = f'<a class="next" href="/people?page={number + 1}">Next</a>' if number < pages else ""
    return (
        "<!doctype html><html lang=en><head><title>People</title></head>"
        f"<body><h1>People</h1><main>{cards}</main>{link}</body></html>"
    )


def serve(site: RawSite) -> int:
    """Answer on a free port of this machine until the process ends; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    Thread(target=_accept, args=(listener, site), daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def _accept(listener: socket.socket, site: RawSite) -> None:
    while True:
        connection, _ = listener.accept()
        site.connections += 1
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_converse, args=(connection, site), daemon=True).start()


def _converse(connection: socket.socket, site: RawSite) -> None:
    """Answer one request after the other on a kept connection, until the client closes it."""
    pending = b""
    with connection:
        while True:
            while _HEAD_END not in pending:
                if not (received := connection.recv(_RECEIVE)):
                    return
                pending += received
            head, _, pending = pending.partition(_HEAD_END)
            connection.sendall(site.answer(head.split(b" ", 2)[1]))


def _answer(body: bytes, kind: bytes = b"text/html; charset=utf-8") -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b"
    return head % (kind, len(body), body)


def main() -> None:
    """Serve until the standard input is closed; the first line on stdout is the URL."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.raw_site")
    parser.add_argument("--pages", type=int, default=1_000)
    pages = parser.parse_args().pages
    made = [_answer(page(number, pages).encode()) for number in range(1, pages + 1)]
    sys.stdout.write(f"http://127.0.0.1:{serve(RawSite(made))}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
