"""A row of a file becomes a contact, or says why not. This is the import's hot loop.

Everything that depends on the header is settled once, in the constructor; a row costs a few string
methods a cell and one tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as json_text
from typing import NamedTuple

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.text import BadText, clean_line, clean_lines
from maverick_core.pipeline.csv_import.cells import split_name
from maverick_core.pipeline.csv_import.mapping import Columns
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.csv_import.rules import NAME_LIMIT, BadRow, RejectCode
from maverick_core.pipeline.lead import FIELD_LIMITS, VARIABLE_LIMIT


class _Column(NamedTuple):
    """Where a cell stands and what it must be."""

    at: int
    name: str
    limit: int
    clean: Callable[[str], str]


class ContactRows:
    """Makes contacts of the rows under one header."""

    def __init__(self, columns: Columns) -> None:
        """Settle what each column is."""
        self._header = columns.header
        self._width = len(columns.header)
        self._email = columns.fields["email"]
        self._first = self._column(columns, "first_name")
        self._name = self._column(columns, "name")
        self._last = self._column(columns, "last_name")
        self._title = self._column(columns, "title")
        self._company = self._column(columns, "company")
        self._notes = self._column(columns, "notes")
        self._variables = tuple(
            (json_text(name) + ":", _Column(at, columns.header[at], VARIABLE_LIMIT, clean_line))
            for name, at in columns.variables.items()
        )

    def contact(self, row: Sequence[str]) -> NewContact | None:
        """Return the contact in ``row``, or None where nothing but white space stands.

        Raises:
            BadRow: there is no contact in it; the first thing that is wrong, from the row as a
                whole over the e-mail to the other cells.

        """
        if len(row) != self._width:
            if _is_blank(row):
                return None
            self._check_width(row)
        try:
            email = normalise_email(row[self._email])
        except BadEmail as error:
            if _is_blank(row):
                return None
            raise self._bad_email(row, error) from None
        first, last = self._names(row)
        if not first:
            raise BadRow(RejectCode.FIRST_NAME_MISSING)
        return NewContact(
            email,
            first,
            last,
            _text(row, self._title),
            _text(row, self._company),
            _text(row, self._notes),
            self._json(row) if self._variables else None,
        )

    @staticmethod
    def _column(columns: Columns, field: str) -> _Column | None:
        at = columns.fields.get(field)
        if at is None:
            return None
        clean = clean_lines if field == "notes" else clean_line
        return _Column(at, columns.header[at], FIELD_LIMITS.get(field, NAME_LIMIT), clean)

    def _check_width(self, row: Sequence[str]) -> None:
        """Let empty cells too many pass, which spreadsheets leave; too few have lost something."""
        if len(row) < self._width or not _is_blank(row[self._width :]):
            raise BadRow(RejectCode.RAGGED_ROW)

    def _bad_email(self, row: Sequence[str], error: BadEmail) -> BadRow:
        if tuple(" ".join(cell.split()) for cell in row[: self._width]) == self._header:
            return BadRow(RejectCode.REPEATED_HEADER)
        return BadRow(RejectCode(error.code), self._header[self._email])

    def _names(self, row: Sequence[str]) -> tuple[str | None, str | None]:
        if self._name is None:
            return _text(row, self._first), _text(row, self._last)
        first, last = split_name(_text(row, self._name) or "")
        if max(len(first), len(last)) > FIELD_LIMITS["first_name"]:
            raise BadRow(RejectCode.FIELD_TOO_LONG, self._name.name)
        return first, _text(row, self._last) or last or None

    def _json(self, row: Sequence[str]) -> str | None:
        members = [
            key + json_text(text)
            for key, column in self._variables
            if (text := _text(row, column)) is not None
        ]
        return "{" + ",".join(members) + "}" if members else None


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(map(str.strip, cells))


def _text(row: Sequence[str], column: _Column | None) -> str | None:
    if column is None:
        return None
    at, name, limit, clean = column
    cell = row[at]
    if not cell:
        return None
    try:
        text = clean(cell)
    except BadText:
        raise BadRow(RejectCode.BAD_CHARACTER, name) from None
    if len(text) > limit:
        raise BadRow(RejectCode.FIELD_TOO_LONG, name)
    return text or None
