"""Messy lists, and their rejects files as somebody saves them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

HEADER: Final = "Ref,Email,First Name,Company\n"
# Each flaw, as a line of a file; a good row is what all of them can be fixed to.
FLAWS: Final[Mapping[str, str]] = {
    "good": "{ref},{name}@oak.example,Ann,Oak\n",
    "ragged": "{ref},{name}@oak.example\n",
    "too wide": "{ref},{name}@oak.example,Ann,Oak,Elm\n",
    "unreadable": '{ref},"{name}"@oak.example,Ann,Oak\n',
    "no e-mail": "{ref},,Ann,Oak\n",
    "bad e-mail": "{ref},{name}@,Ann,Oak\n",
    "no name": "{ref},{name}@oak.example,,=Oak\n",
    "role": "{ref},info@{name}.example,Ann,Oak\n",
}


def listed(rows: list[tuple[str, str]], fixed: set[int]) -> bytes:
    """Return the file with these rows, of which those that are ``fixed`` have no flaw."""
    lines = [
        FLAWS["good" if at in fixed else flaw].format(ref=f"k{at}", name=name)
        for at, (flaw, name) in enumerate(rows)
    ]
    return (HEADER + "".join(lines)).encode()


def corrected(file: bytes, rows: list[tuple[str, str]], fix: set[int], drop: set[int]) -> bytes:
    """Return a rejects file as somebody saves it: some rows without their flaw, some not there."""
    header, *found = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    for row in found:
        ref = int(row[4].partition(",")[0].removeprefix("k"))
        if ref in fix:
            row[4:] = good(ref, rows)
        if ref not in drop or ref in fix:
            writer.writerow(row)
    return text.getvalue().encode()


def contents(file: bytes, rows: list[tuple[str, str]]) -> dict[int, bool]:
    """Return which rows are in a rejects file, and whether they are without flaw there."""
    _, *found = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    refs = {int(row[4].partition(",")[0].removeprefix("k")): row[4:] for row in found}
    return {ref: row == good(ref, rows) for ref, row in refs.items()}


def good(ref: int, rows: list[tuple[str, str]]) -> list[str]:
    """Return the cells of a row without its flaw."""
    return FLAWS["good"].format(ref=f"k{ref}", name=rows[ref][1]).strip().split(",")
