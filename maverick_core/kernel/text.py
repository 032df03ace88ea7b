"""What a text says, without the accidents of how it was typed or exported."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Control characters that no export means, halves of surrogate pairs (bytes that could not be
# decoded arrive as these too) and the sign that says "a character was lost here".
_BAD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


class BadText(ValueError):
    """The text holds a character that is no text."""


def clean_line(text: str) -> str:
    """Return ``text`` in Unicode NFC, each run of white space and line breaks one space.

    Raises:
        BadText: it holds a NUL, a lone surrogate or a control character.

    """
    if text.isascii() and text.isprintable():  # nearly every one, at a tenth of the price
        return " ".join(text.split()) if "  " in text else text.strip()
    return " ".join(_text(text).split())


def clean_lines(text: str) -> str:
    """Do as ``clean_line`` does, but keep the line breaks between lines that say something.

    Raises:
        BadText: it holds a NUL, a lone surrogate or a control character.

    """
    if text.isascii() and text.isprintable():
        return clean_line(text)
    lines = (" ".join(line.split()) for line in _text(text).splitlines())
    return "\n".join(line for line in lines if line)


def _text(text: str) -> str:
    if _BAD.search(text):
        raise BadText
    return unicodedata.normalize("NFC", text)


LOST: Final = "\ufffd"  # stands where a character was lost
_NOT_STORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return ``text`` as any database can hold it: NULs and lone surrogates are ``LOST``."""
    return text if text.isascii() and "\x00" not in text else _NOT_STORABLE.sub(LOST, text)


def are_storable(texts: Iterable[str | None]) -> bool:
    """Say whether any database can hold all of ``texts`` as they are: one look instead of many."""
    return not _NOT_STORABLE.search("".join(filter(None, texts)))
