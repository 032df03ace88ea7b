"""Rows out of lines, such that one broken row never costs another.

A quote that is left open swallows the rows below it. The signs are a record of several lines that
does not have the header's cells, one in which text follows a closing quote, one that grows past
every size, and one that the file's end cuts off. Of such a record the first line is a row of its
own, unreadable unless it is CSV by itself, and reading goes on with the second.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, TextIO

LONGEST_LINE: Final = 1 << 22  # characters; also the longest cell, and what an open quote swallows
_READ_AGAIN: Final = 100  # lines; past it each is a row of its own, or the work would be quadratic
_SHOWN: Final = 10_000  # characters of an unreadable line that are kept


class Unreadable(list[str]):
    """A line that is not CSV, as its only cell; no more of it than its beginning if it is huge."""


def read_records(file: TextIO, delimiter: str, width: int) -> Iterator[list[str]]:
    """Yield the rows of ``file`` in order: empty lists for empty lines, ``Unreadable`` for others.

    ``width`` is how many cells the header has; rows of one line may have any number.
    """
    csv.field_size_limit(LONGEST_LINE)  # the module's own is 128 kB; it is the whole process's
    held: list[str] = []  # the lines of the present record
    again: deque[str] = deque()
    more = True
    while more:
        more = False
        try:
            for row in csv.reader(_lines(file, held, again), delimiter=delimiter, strict=True):
                if (len(held) == 1 or len(row) == width) and len(held[0]) < LONGEST_LINE:
                    yield row
                else:
                    yield from _singly(held, again, delimiter)
                held.clear()
        except csv.Error:
            yield from _singly(held, again, delimiter)
            held.clear()
            more = True


def _lines(file: TextIO, held: list[str], again: deque[str]) -> Iterator[str]:
    while line := again.popleft() if again else _next_line(file):
        held.append(line)
        yield line


def _next_line(file: TextIO) -> str:
    """Return the next line, or the beginning of one that is too long."""
    line = rest = file.readline(LONGEST_LINE)
    while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
        rest = file.readline(LONGEST_LINE)
    return line


def _singly(held: list[str], again: deque[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the first line as a row, or all of them where they are many; the rest is read again."""
    if len(held) > _READ_AGAIN:
        yield from (_one_line(line, delimiter) for line in held)
        return
    again.extendleft(reversed(held[1:]))
    yield _one_line(held[0], delimiter)


def _one_line(line: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader((line,), delimiter=delimiter, strict=True))
    except csv.Error:
        row = None
    if row is None or len(line) >= LONGEST_LINE:
        return Unreadable([line[:_SHOWN].rstrip("\r\n")])
    return row
