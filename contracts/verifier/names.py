"""A DNS on the loopback interface that knows what it is told: a thread that answers over UDP."""

from __future__ import annotations

import socket
from collections import Counter
from threading import Thread
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60  # seconds


class NameServer:
    """Answers for ``zones``: by domain and kind of record, what the records say.

    A domain that is not in it does not exist; ``silent`` ones are not answered for, for ``broken``
    ones it says that it failed. ``asked`` counts questions by domain and kind.
    """

    def __init__(self, zones: dict[str, dict[str, list[str]]]) -> None:
        """Listen on a free port."""
        self.zones = zones
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: Counter[tuple[str, str]] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._run, name="names", daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answer no more."""
        # What wakes a thread in recvfrom everywhere is a datagram.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(timeout=5)
        self._socket.close()

    def _run(self) -> None:
        while True:
            wire, sender = self._socket.recvfrom(4_096)
            if not wire:
                return
            if answer := self._answer(dns.message.from_wire(wire)):
                self._socket.sendto(answer.to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.zones and name != ".":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif records := self.zones.get(name, {}).get(kind):
            answer.answer = [dns.rrset.from_text(question.name, TTL, "IN", kind, *records)]
        return answer
