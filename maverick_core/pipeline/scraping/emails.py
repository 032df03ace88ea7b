"""Finds e-mail addresses in what people read, also where they are written to be missed by robots.

Only plain tricks are undone, those that directories use: ``[at]`` and ``(dot)`` in brackets, a
link's ``mailto:``, the address as Cloudflare hides it. What would have to be guessed is left: an
address that was never written is worse than one that is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from maverick_core.kernel.email import BadEmail, normalise_email

_ENOUGH: Final = 1_000_000  # characters of one page that are looked through
_MOST: Final = 1_000  # addresses that one page can yield

_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_ADDRESS = re.compile(rf"(?<![\w.@-]){_LOCAL}@(?:[\w-]+\.)+[^\W\d_][\w-]*", re.UNICODE)
# Brackets are asked for: "meet me at noon dot" is a sentence, "me [at] noon [dot] example" is not.
# One space at most on each side: runs of them were made one before, so that no text is slow.
_AT = re.compile(r" ?[\[({<] ?(?:at|@) ?[\])}>] ?", re.IGNORECASE)
_DOT = re.compile(r" ?[\[({<] ?(?:dot|punkt|\.) ?[\])}>] ?", re.IGNORECASE)
_TRAILING: Final = ".-_"
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|css|js)$")  # logo@2x.png is no mailbox


def find_emails(text: str) -> Sequence[str]:
    """Return the addresses in ``text``, normalised, each once, in the order they stand there."""
    found = dict.fromkeys(_found(text[:_ENOUGH]))
    return tuple(found)[:_MOST]


def email_of_link(link: str) -> str | None:
    """Return the address that a ``mailto:`` link is for, or None."""
    scheme, colon, rest = link.strip().partition(":")
    if not colon or scheme.lower() != "mailto":
        return None
    first = unquote(rest.partition("?")[0]).partition(",")[0]
    return _normal(first)


def cloudflare_email(code: str) -> str | None:
    """Return the address in a ``data-cfemail`` attribute: each byte hidden by the first one."""
    try:
        key, *hidden = bytes.fromhex(code)
        return _normal(bytes(byte ^ key for byte in hidden).decode())
    except ValueError:
        return None


def _found(text: str) -> Iterator[str]:
    plain = _DOT.sub(".", _AT.sub("@", " ".join(text.split())))
    for match in _ADDRESS.finditer(plain):
        email = _normal(match[0].rstrip(_TRAILING))
        if email and not _PICTURE.search(email):
            yield email


def _normal(text: str) -> str | None:
    try:
        return normalise_email(text)
    except BadEmail:
        return None
