"""What Email Bison says, made fit to be stored and compared: one plain line, nobody in it."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 300  # characters of a detail or a reason
_READ: Final = 2_000  # characters of a message that are looked at

_TOKEN = re.compile(r"\d+(?:\||%7c)\w", re.ASCII | re.IGNORECASE)
_AT = ("@", "%40", "\uff20", "\ufe6b")

# Where in the request the trouble is differs from row to row and from try to try; why must not,
# because the machine tells a bad batch from bad contacts by whether the reasons are the same.
_PLACES = (
    (re.compile(r"\bleads\.\d+\."), ""),
    (re.compile(r"\blead_ids\.\d+"), "lead id"),
    (re.compile(r"(?<=[a-z])\.\d+\b"), ""),
    (re.compile(r"\(and \d+ more errors?\)"), ""),
)


def plain(text: str, *, token: str = "") -> str:
    """Return ``text`` on one line, at most ``LONGEST`` characters.

    Every word that holds an e-mail address, ``token`` or what looks like a token is replaced;
    row numbers are left out.
    """
    if len(text) > _READ:
        text = text[:_READ].rpartition(" ")[0]  # a word cut short could no longer be recognised
    if token:
        text = text.replace(token, "[token]")
    text = "".join(char if char.isprintable() else " " for char in text)
    for place, instead in _PLACES:
        text = place.sub(instead, text)
    return " ".join(_word(word) for word in text.split())[:LONGEST]


def _word(word: str) -> str:
    if any(at in word for at in _AT):
        return "[e-mail]"
    return "[token]" if _TOKEN.search(word) else word
