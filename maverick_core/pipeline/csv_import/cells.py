"""What a cell says, without the accidents of how it was typed or exported."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Control characters that no export means, halves of surrogate pairs (bytes that could not be
# decoded arrive as these too) and the sign that says "a character was lost here".
_BAD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


class BadText(ValueError):
    """The cell holds a character that is no text."""


def clean_line(cell: str) -> str:
    """Return ``cell`` in Unicode NFC, each run of white space and line breaks one space.

    Raises:
        BadText: it holds a NUL, a lone surrogate or a control character.

    """
    if cell.isascii() and cell.isprintable():  # nearly every cell, at a tenth of the price
        return " ".join(cell.split()) if "  " in cell else cell.strip()
    return " ".join(_text(cell).split())


def clean_lines(cell: str) -> str:
    """Do as ``clean_line`` does, but keep the line breaks between lines that say something.

    Raises:
        BadText: it holds a NUL, a lone surrogate or a control character.

    """
    if cell.isascii() and cell.isprintable():
        return clean_line(cell)
    lines = (" ".join(line.split()) for line in _text(cell).splitlines())
    return "\n".join(line for line in lines if line)


def _text(cell: str) -> str:
    if _BAD.search(cell):
        raise BadText
    return unicodedata.normalize("NFC", cell)


def split_name(name: str) -> tuple[str, str]:
    """Split a clean full name into first name and the rest.

    The first word is the first name, unless the name is written family name first with a comma:
    one word, a comma, and something after it.
    """
    before, _, after = name.partition(", ")
    if after and " " not in before:
        return after, before
    first, _, last = name.partition(" ")
    return first, last
