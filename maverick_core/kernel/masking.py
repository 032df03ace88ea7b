"""What looks like a secret or a person is struck out of text that leaves the house."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "[removed]"

_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
# A token of Email Bison, one of Slack's, and whatever follows the word that announces one.
_TOKEN = re.compile(r"\b\d+\|\S+|\bxox[a-z]-\S+|(?i:bearer)\s+\S+")


def masked(text: str) -> str:
    """Return ``text`` without e-mail addresses and tokens."""
    return _EMAIL.sub(MASK, _TOKEN.sub(MASK, text))
