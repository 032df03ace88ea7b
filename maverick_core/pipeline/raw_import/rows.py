"""Rows of a file become raw contacts as they stand. This is the import's hot loop.

Only the shape of a row is judged here: whether its cells are where the header says. A NUL or a
broken character goes on with the row, marked as such: the filter looks at the fields that it uses,
and a broken cell in a column that nobody wants costs nobody a contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring as json_text
from operator import itemgetter
from typing import Final

from maverick_core.pipeline.csv_import.mapping import Columns
from maverick_core.pipeline.csv_import.ports import Page
from maverick_core.pipeline.csv_import.rules import RejectCode
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.raw_import.ports import WrongRow

# A raw contact's fields from the e-mail to the notes, in its order; a file has no others.
_FIELDS: Final = NewRaw._fields[2:12]
_COLUMN_OF: Final = {"full_name": "name"}


class RawRows:
    """Makes raw contacts of the rows under one header."""

    def __init__(self, columns: Columns) -> None:
        """Settle where each field stands; one that no column has is read from behind the row."""
        self._header = columns.header
        self._width = len(columns.header)
        nowhere = self._width
        places = [columns.fields.get(_COLUMN_OF.get(name, name), nowhere) for name in _FIELDS]
        self._pick = itemgetter(*places)
        self._variables = tuple(
            (json_text(name) + ":", at) for name, at in columns.variables.items()
        )

    def read(self, page: Page) -> tuple[list[NewRaw], list[WrongRow]]:
        """Return the page's raw contacts and its wrong rows; rows that are blank are neither."""
        found: list[NewRaw] = []
        wrong: list[WrongRow] = []
        width, pick, first = self._width, self._pick, page.first_row
        tokens, made = page.tokens, NewRaw._make
        for at, row in enumerate(page.rows):
            if len(row) != width or at in page.unreadable:
                code = self._misfit(row, unreadable=at in page.unreadable)
                if code:
                    wrong.append(WrongRow(first + at, code, ""))
                if code or _is_blank(row):
                    continue
                row = row[:width]  # noqa: PLW2901 - without the empty cells that were too many
            fields = [cell or None for cell in pick((*row, None))]
            if "@" not in (fields[0] or ""):
                if _is_blank(row):
                    continue
                if self._is_header(row):
                    wrong.append(WrongRow(first + at, RejectCode.REPEATED_HEADER, ""))
                    continue
            token = tokens[at] or None if tokens else None
            variables = self._json(row) if self._variables else None
            found.append(made((first + at, token, *fields, variables, None, None)))
        return found, wrong

    def _misfit(self, row: Sequence[str], *, unreadable: bool) -> str:
        """Return what is wrong with a row that has not the header's cells.

        Empty cells too many may pass, which spreadsheets leave; too few have lost something.
        """
        if unreadable:
            return RejectCode.UNREADABLE
        if _is_blank(row):
            return ""
        if len(row) < self._width or not _is_blank(row[self._width :]):
            return RejectCode.RAGGED_ROW
        return ""

    def _is_header(self, row: Sequence[str]) -> bool:
        return tuple(" ".join(cell.split()) for cell in row) == self._header

    def _json(self, row: Sequence[str]) -> str | None:
        members = [key + json_text(row[at]) for key, at in self._variables if row[at]]
        return "{" + ",".join(members) + "}" if members else None


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(map(str.strip, cells))
