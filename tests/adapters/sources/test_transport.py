"""One exchange has one time, of which the body gets what the headers have left."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from threading import Event, Thread

from maverick_adapters.sources.guard import Guard
from maverick_adapters.sources.transport import Transport
from maverick_core.pipeline.scraping.ports import NotNow

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n"


def test_late_headers_leave_the_body_less_time() -> None:
    """Every part is in time, the whole would take twice as long as it may."""
    over, sent = Event(), 0

    def trickle() -> None:
        nonlocal sent
        connection, _ = listening.accept()
        with connection, suppress(OSError):  # the client has gone
            connection.recv(65_536)
            over.wait(0.7)
            connection.sendall(_HEAD)
            while not over.wait(0.1):
                connection.sendall(b"x")
                sent += 1

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        closing(Transport(Guard(loopback_allowed=True), "maverick")) as transport,
    ):
        site = Thread(target=trickle)
        site.start()
        port = listening.getsockname()[1]
        reply = transport.get(f"http://127.0.0.1:{port}/", headers={}, most_bytes=999, seconds=1)
        over.set()
        site.join()

    assert isinstance(reply, NotNow)
    assert sent < 7
