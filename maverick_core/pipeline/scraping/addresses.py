"""Which addresses may be fetched: public hosts only, whatever a page or a redirect asks for.

A scraper does what strangers' pages tell it, so it must not be talked into reading what only this
machine or its network can see (ASVS V13, server-side request forgery). The rule has two halves.
``page_url`` judges the text of an address; ``is_public`` judges the address a name stands for, and
is asked of the very address that is then connected to, so that a name cannot change in between.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from maverick_core.kernel.errors import Rejected

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2_000  # characters; what servers and browsers commonly take

# Ranges that carry an address of the older kind inside, which is where the packet goes in the end.
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052

# The standard library's idea of what is global has grown from version to version.
_SPECIAL: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b:1::/48",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
    )
)
"""Networks of the IANA registries of special purposes that no site is in."""


class BadAddress(Rejected):
    """The text is not the address of a page that may be fetched."""

    def __init__(self, why: str) -> None:
        """Say why; the address itself is for the one who asked to know."""
        super().__init__(why, code="bad_address", remedy="Use http:// or https:// and a host.")


def page_url(text: str) -> str:
    """Return the one spelling of the address of a page: no fragment, no port that goes unsaid.

    Raises:
        BadAddress: it is no http address, names a user, or is not written as addresses are.

    """
    if len(text) > _LONGEST or not text.isprintable() or " " in text.strip():
        raise BadAddress("It is not written as an address: too long, or with odd characters.")
    try:
        parts = urlsplit(text.strip())
        host, port = _host(parts), parts.port
    except ValueError:
        raise BadAddress("It is not written as an address.") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadAddress("It does not begin with http:// or https://.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("It names a user; only public pages are read.")
    netloc = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def linked_url(page: str, link: str) -> str | None:
    """Return where ``link`` on ``page`` leads, or None where it leads to no page."""
    try:
        return page_url(urljoin(page, link.strip()))
    except (BadAddress, ValueError):
        return None


def host_of(url: str) -> str:
    """Return the host of a checked address, with its port where one is named."""
    return urlsplit(url).netloc


def is_public(address: str) -> bool:
    """Say whether an IP address is one that anybody on the internet could connect to."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            ip = inner
    special = any(ip.version == network.version and ip in network for network in _SPECIAL)
    return ip.is_global and not ip.is_multicast and not special


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise BadAddress("It names no host.")
    if ":" in parts.hostname:
        return f"[{ipaddress.IPv6Address(parts.hostname.partition('%')[0]).compressed}]"
    host = parts.hostname.rstrip(".")
    return (host if host.isascii() else host.encode("idna").decode("ascii")).lower()
