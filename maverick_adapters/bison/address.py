"""Where Email Bison may be: only where a token can be sent without being read on the way."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from maverick_core.kernel.errors import Rejected


def check_address(url: str) -> str:
    """Return ``url`` without its trailing slash.

    Raises:
        Rejected: ``bad_bison_url``. The message never repeats the address: it may hold a password.

    """
    try:
        parts = urlsplit(url.strip())
        usable = _usable(parts)
    except ValueError:  # a bracket or a port that is none
        usable = False
    if not usable:
        raise Rejected(
            "The address of Email Bison is not usable: it must be https://HOST, or http:// on "
            "this machine only, without a user, a query or a fragment.",
            code="bad_bison_url",
            remedy="Use the address you log in to, for example https://send.example.com.",
        )
    return url.strip().rstrip("/")


def _usable(parts: SplitResult) -> bool:
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        return False
    if parts.port == 0 or not (parts.netloc.isascii() and parts.path.isascii()):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
