"""The form of a key: how its secret is made and written, and what is kept of it.

A secret is 32 random bytes as text behind a word that scanners of source code can look for. Only
its SHA-256 is kept: of so many random bytes nobody finds the text by trying, so that a slow hash
would cost every request and protect nothing (RFC 6819, 5.1.4.2.2).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from maverick_core.kernel.errors import Unauthorised

BEGINNING: Final = "mav_live_"
SECRET_BYTES: Final = 32
_SHOWN: Final = len(BEGINNING) + 4  # 24 of 256 bits, enough for people to tell keys apart
_BEARER: Final = re.compile(rf"(?i:bearer) +({BEGINNING}[A-Za-z0-9_-]{{43}})")


def secret_of(randomness: bytes) -> str:
    """Write a key's secret from ``SECRET_BYTES`` random bytes."""
    if len(randomness) != SECRET_BYTES:
        raise ValueError(f"A key is made of {SECRET_BYTES} bytes.")
    return BEGINNING + urlsafe_b64encode(randomness).rstrip(b"=").decode()


def prefix_of(secret: str) -> str:
    """Return how the key begins: all that lists show of it."""
    return secret[:_SHOWN]


def digest_of(secret: str) -> bytes:
    """Return the SHA-256 of the whole key: all that is kept of it."""
    return sha256(secret.encode()).digest()


def bearer(secret: str) -> str:
    """Return the value of ``Authorization`` that a client sends the key in (RFC 6750, 2.1)."""
    return f"Bearer {secret}"


def digest_sent(authorization: str | None) -> bytes:
    """Return the digest of the key in a value of ``Authorization``, None where none was sent.

    What is not a key is never repeated: it may be a password, or a key of something else.

    Raises:
        Unauthorised: ``key_not_sent``, or ``key_malformed``: it cannot be one of ours.

    """
    if not authorization:
        raise Unauthorised(
            "The request carries no key.",
            code="key_not_sent",
            remedy='Send "Authorization: Bearer mav_live_…".',
        )
    sent = _BEARER.fullmatch(authorization.strip(" "))
    if sent is None:
        raise Unauthorised(
            "What the request carries is not a key of Maverick.",
            code="key_malformed",
            remedy='Send the whole key as it was shown once: "Authorization: Bearer mav_live_…".',
        )
    return digest_of(sent[1])
