"""Where Email Bison may be: only where a token can be sent without being read on the way."""

from __future__ import annotations

from maverick_adapters.address import is_safe
from maverick_core.kernel.errors import Rejected


def check_address(url: str) -> str:
    """Return ``url`` without its trailing slash.

    Raises:
        Rejected: ``bad_bison_url``. The message never repeats the address: it may hold a password.

    """
    address = url.strip().rstrip("/")
    if not is_safe(address):
        raise Rejected(
            "The address of Email Bison is not usable: it must be https://HOST, or http:// on "
            "this machine only, without a user, a query or a fragment.",
            code="bad_bison_url",
            remedy="Use the address you log in to, for example https://send.example.com.",
        )
    return address
