"""What looks like a secret or a person is struck out of text that leaves the house."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "[removed]"

# Each as it is, and as an address of the web writes it. A password in an address is struck out too:
# to a reader of text, what stands before the host is an e-mail.
_EMAIL: Final = re.compile(r"[^\s@<>\"']+(?:(?:@|%40)[^\s@<>\"']+)+")
# A token of Email Bison, one of Slack's, a key of ours, and whatever follows the word that
# announces one.
_TOKEN: Final = re.compile(
    r"\d+(?:\||%7c)\S+|xox[a-z]-\S+|mav_[a-z]+_\S+|bearer\s+\S+", re.IGNORECASE
)


def masked(text: str) -> str:
    """Return ``text`` without e-mail addresses and tokens."""
    return _EMAIL.sub(MASK, _TOKEN.sub(MASK, text))
