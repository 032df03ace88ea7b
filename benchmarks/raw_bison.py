"""A destination that costs next to nothing, so that what is measured is the uploader.

It speaks as much of the API as an upload needs, answers with rows as large as the live API's, and
checks nothing. Leads are held by workspace and e-mail, as the real one does, so that a run can be
proved exact. A token is ``ID|anything``, the id of its workspace.

    python -m benchmarks.raw_bison --latency 0.05
"""

from __future__ import annotations

import argparse
import re
import resource
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from threading import Lock, Thread
from typing import Final

import msgspec
import orjson

ROW_BYTES: Final = 679  # of a lead in a live answer (performance.md)

_REST: Final = (
    '","uuid":"9f0c51d2-7b1e-4d3a-8a44-0123456789ab","first_name":"Robin","last_name":"Example",'
    '"title":"Owner","company":"Example Agency","notes":"NOTES","status":"unverified",'
    '"custom_variables":[{"name":"state","value":"TX"}],"lead_campaign_data":[],'
    '"overall_stats":{"emails_sent":0,"opens":0,"replies":0,"unique_replies":0,"unique_opens":0},'
    '"tags":[{"id":4,"name":"Google","default":true}],'
    '"created_at":"2026-11-01T00:00:00.000000Z","updated_at":"2026-11-01T00:00:00.000000Z"}'
)
_VARYING: Final = len('{"id":1234567,"email":"person1234567@agency12.example')
_NOTES: Final = "x" * (ROW_BYTES - len(_REST) + len("NOTES") - _VARYING - len(","))
_BETWEEN: Final = _REST.replace("NOTES", _NOTES) + ',{"id":'

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_TOKEN: Final = re.compile(rb"(?i)\r\nauthorization: *bearer (\d+)")
_RECEIVE: Final = 1 << 18


class _Lead(msgspec.Struct, gc=False):
    email: str


class _Leads(msgspec.Struct):
    leads: list[_Lead]


_LEADS: Final = msgspec.json.Decoder(_Leads)


@dataclass(slots=True)
class RawBison:
    """What is held: a lead id by e-mail, for each workspace."""

    latency_seconds: float = 0.0
    held: dict[int, dict[str, int]] = field(default_factory=dict)
    pushed: int = 0
    """Leads that were pushed, again or not."""
    _ids: count[int] = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def answer(self, method: bytes, path: bytes, workspace: int, body: bytes) -> bytes:
        """Return the body of the answer."""
        if path.startswith(b"/api/leads"):
            taken = self._take(workspace, body)
            time.sleep(self.latency_seconds)
            return taken
        if path.startswith(b"/api/users"):
            return orjson.dumps({"data": {"workspace": {"id": workspace, "name": "raw"}}})
        if path.startswith(b"/api/custom-variables"):
            row = {"id": 1, "name": "state"}
            return orjson.dumps({"data": row if method == b"POST" else [row]})
        return orjson.dumps(self.sums())

    def _take(self, workspace: int, body: bytes) -> bytes:
        emails = [lead.email for lead in _LEADS.decode(body).leads]
        with self._lock:
            held = self.held.setdefault(workspace, {})
            ids = [held.get(email) or held.setdefault(email, next(self._ids)) for email in emails]
            self.pushed += len(emails)
        return _rows(zip(ids, emails, strict=True))

    def sums(self) -> dict[str, float]:
        """Return what a run is proved with."""
        return {
            "held": sum(map(len, self.held.values())),
            "pushed": self.pushed,
            "cpu_seconds": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
        }


def _rows(leads: Iterable[tuple[int, str]]) -> bytes:
    """Render the leads: all but the ids and e-mails is the same, and so is made but once."""
    rows = _BETWEEN.join([f'{id_},"email":"{email}' for id_, email in leads])
    return f'{{"data":[{{"id":{rows}{_BETWEEN.removesuffix(_OPENING)}]}}'.encode()


_OPENING: Final = ',{"id":'


def serve(bison: RawBison) -> int:
    """Answer on a free port of this machine until the process ends; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    Thread(target=_accept, args=(listener, bison), daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def _accept(listener: socket.socket, bison: RawBison) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_converse, args=(connection, bison), daemon=True).start()


def _converse(connection: socket.socket, bison: RawBison) -> None:
    """Answer one request after the other on a kept connection, until the client closes it."""
    pending = b""
    with connection:
        while True:
            while _HEAD_END not in pending:
                if not (received := connection.recv(_RECEIVE)):
                    return
                pending += received
            head, _, rest = pending.partition(_HEAD_END)
            method, path, _ = head.split(b" ", 2)
            length = _number(_LENGTH, head)
            body = rest + _receive(connection, length - len(rest))
            pending = body[length:]
            answer = bison.answer(method, path, _number(_TOKEN, head), body[:length])
            connection.sendall(_ANSWER % (len(answer), answer))


_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
)


def _receive(connection: socket.socket, missing: int) -> bytes:
    parts = []
    while missing > 0:
        parts.append(connection.recv(min(missing, _RECEIVE)))
        missing -= len(parts[-1])
    return b"".join(parts)


def _number(pattern: re.Pattern[bytes], head: bytes) -> int:
    found = pattern.search(head)
    return int(found[1]) if found else 0


def main() -> None:
    """Serve until the standard input is closed; the first line on stdout is the URL."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.raw_bison")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    port = serve(RawBison(parser.parse_args().latency))
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
