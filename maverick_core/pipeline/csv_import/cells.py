"""How a person's name stands in a cell."""

from __future__ import annotations


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
