"""Where a credential may be sent: only where it cannot be read on the way."""

from __future__ import annotations

from ipaddress import ip_address

import httpx


def is_safe(address: str) -> bool:
    """Say whether ``address`` is https://HOST, or http:// on this machine, and nothing besides."""
    if not (address.isascii() and address.isprintable()) or " " in address:
        return False
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return False
    if not url.host or url.port == 0 or url.userinfo or url.query or url.fragment:
        return False
    return url.scheme == "https" or (url.scheme == "http" and _is_here(url.host))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
