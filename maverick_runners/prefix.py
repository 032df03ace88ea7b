"""Lines of several programs in one terminal, each with its program's name.

A program names its own lines. Were the supervisor to do it, over pipes, its sudden end would break
the pipes just when the programs have to finish or hand back what is under way.
"""

from __future__ import annotations

import io
import sys
from typing import TextIO


class Prefixed(io.TextIOBase):
    """A stream that puts a name before each line."""

    def __init__(self, stream: TextIO, name: str) -> None:
        """Write to ``stream``."""
        self._stream = stream
        self._prefix = f"{name:<14} | "
        self._in_line = False

    def write(self, text: str) -> int:
        """Write the text with the name before each line that begins in it."""
        lines = text.splitlines(keepends=True)
        named = [
            line if self._in_line and n == 0 else self._prefix + line
            for n, line in enumerate(lines)
        ]
        if lines:
            self._in_line = not lines[-1].endswith("\n")
        self._stream.write("".join(named))
        self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Do nothing: every write is flushed."""


def name_lines(name: str) -> None:
    """Put ``name`` before every line that this process writes to stderr from now on."""
    sys.stderr = Prefixed(sys.stderr, name)
