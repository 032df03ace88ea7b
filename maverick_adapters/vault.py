"""Keeps Bison tokens unreadable at rest: AES-256-GCM, bound to the workspace they belong to.

The key is outside the database (``MAVERICK_SECRET_KEY``), so a copy of the database gives no token
away. A ciphertext names the key it was made with; several keys may be configured, the first one
seals and all of them open, which is how a key is replaced without a moment's stop.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from maverick_core.kernel.errors import Rejected, Unavailable

KEY_BYTES: Final = 32  # AES-256
_NONCE_BYTES: Final = 12  # NIST SP 800-38D 8.2.1; random, far below 2**32 tokens a key
_MAKE_ONE: Final = 'Make one with "maverick init" and set MAVERICK_SECRET_KEY to it.'


@dataclass(frozen=True, slots=True)
class Sealed:
    """A token at rest: which key opens it, and the nonce and ciphertext together."""

    key_id: str
    ciphertext: bytes


class Vault:
    """Seals and opens tokens. Shows nothing of what it holds, whoever prints it."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Open with any of ``keys`` (by key id), seal with the one called ``current``.

        Without any key the vault stands, but neither seals nor opens.
        """
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current

    @classmethod
    def from_secret(cls, secret: str) -> Vault:
        """Read keys as ``MAVERICK_SECRET_KEY`` holds them, separated by commas, the first current.

        An empty text is a vault without keys: only what needs a token asks for one.

        Raises:
            Rejected: ``bad_secret_key``.

        """
        keys = [_key(part) for part in secret.split(",")] if secret.strip() else []
        by_id = {_key_id(key): key for key in keys}
        return cls(by_id, current=next(iter(by_id), ""))

    @staticmethod
    def new_key() -> str:
        """Return a fresh key in the form that ``from_secret`` reads."""
        return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")

    @property
    def key_ids(self) -> Sequence[str]:
        """The names of the keys, the one that seals first."""
        return sorted(self._ciphers, key=lambda key_id: key_id != self._current)

    def seal(self, workspace_id: int, token: str) -> Sealed:
        """Encrypt ``token`` so that it opens for this workspace only.

        Raises:
            Rejected: ``secret_key_missing``.

        """
        if not self._ciphers:
            raise Rejected(
                "A token cannot be stored without a key to encrypt it with.",
                code="secret_key_missing",
                remedy=_MAKE_ONE,
            )
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._current]
        text = cipher.encrypt(nonce, token.encode(), _bound_to(workspace_id))
        return Sealed(self._current, nonce + text)

    def open(self, workspace_id: int, sealed: Sealed) -> str:
        """Return the token.

        Raises:
            Unavailable: ``secret_key_wrong``; no configured key opens it.

        """
        nonce, text = sealed.ciphertext[:_NONCE_BYTES], sealed.ciphertext[_NONCE_BYTES:]
        try:
            cipher = self._ciphers[sealed.key_id]
            return cipher.decrypt(nonce, text, _bound_to(workspace_id)).decode()
        except (KeyError, InvalidTag, ValueError):
            raise Unavailable(
                "The stored token cannot be decrypted with the configured key.",
                code="secret_key_wrong",
                remedy="Set MAVERICK_SECRET_KEY to the key that the token was stored with, "
                'or store the token again with "maverick tokens set".',
            ) from None

    def __repr__(self) -> str:
        return "Vault()"


def _bound_to(workspace_id: int) -> bytes:
    return b"bison_token:%d" % workspace_id


def _key_id(key: bytes) -> str:
    """Name a key without telling anything of it: a hash of 32 random bytes cannot be reversed."""
    return hashlib.sha256(b"maverick key id:" + key).hexdigest()[:8]


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Rejected(
            f"MAVERICK_SECRET_KEY is wrong: a key is {KEY_BYTES} bytes in URL-safe base64.",
            code="bad_secret_key",
            remedy=_MAKE_ONE,
        )
    return key
