"""Where Email Bison may be: only where a token can be sent without being read on the way."""

from __future__ import annotations

from ipaddress import ip_address

import httpx

from maverick_core.kernel.errors import Rejected


def check_address(url: str) -> str:
    """Return ``url`` without its trailing slash.

    Raises:
        Rejected: ``bad_bison_url``. The message never repeats the address: it may hold a password.

    """
    address = url.strip().rstrip("/")
    if not _is_usable(address):
        raise Rejected(
            "The address of Email Bison is not usable: it must be https://HOST, or http:// on "
            "this machine only, without a user, a query or a fragment.",
            code="bad_bison_url",
            remedy="Use the address you log in to, for example https://send.example.com.",
        )
    return address


def _is_usable(address: str) -> bool:
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
