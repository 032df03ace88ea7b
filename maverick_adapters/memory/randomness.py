"""Randomness that comes out the same every time."""

from __future__ import annotations

from hashlib import shake_256
from itertools import count


class MemoryRandomness:
    """Counts, and hashes the numbers: no two draws are alike, and a test can be repeated."""

    def __init__(self) -> None:
        """Start at the beginning."""
        self._numbers = count(1)

    def random_bytes(self, count: int) -> bytes:
        """Return the next bytes, which anybody can guess."""
        return shake_256(str(next(self._numbers)).encode()).digest(count)
