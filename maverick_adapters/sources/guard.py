"""Finds where a host is, and refuses hosts that are not on the public internet.

A name is looked up once, every address that it has is judged, and the connection is made to one of
the addresses that were judged: a name that answers otherwise the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from maverick_core.pipeline.scraping.addresses import is_public
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow
from maverick_core.retry import Trouble

Resolve = Callable[[str, int], Sequence[str]]

_PRIVATE = NotFetched("address_private", "Its host is not on the public internet.")


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of ``host``, as this machine's resolver knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard:
    """Says which address to connect to for a page."""

    def __init__(self, *, resolve: Resolve = resolve, loopback_allowed: bool = False) -> None:
        """Look names up with ``resolve``. Loopback is for the demo's and the tests' own sites."""
        self._resolve = resolve
        self._loopback_allowed = loopback_allowed

    def address(self, url: str) -> str | NotFetched | NotNow:
        """Return the IP address to fetch ``url``, a checked address, from."""
        parts = urlsplit(url)
        try:
            found = self._resolve(parts.hostname or "", parts.port or 443)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                return NotNow(Trouble.UNAVAILABLE, "Its host's name could not be looked up.")
            return NotFetched("host_unknown", "There is no host of that name.")
        except (OSError, UnicodeError):
            return NotFetched("host_unknown", "There is no host of that name.")
        if not found or not all(self._may(address) for address in found):
            return _PRIVATE
        return found[0]

    def _may(self, address: str) -> bool:
        return is_public(address) or (self._loopback_allowed and _is_loopback(address))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
