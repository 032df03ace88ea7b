"""A CSV file as the import reads it: looked at once, then streamed a page at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from maverick_adapters.csv_files.delimiter import detect_delimiter, known_delimiter
from maverick_adapters.csv_files.encoding import detect_encoding, error_handler, known_encoding
from maverick_adapters.csv_files.files import CsvFile, LocalFile
from maverick_adapters.csv_files.records import LONGEST_LINE, Unreadable, read_records
from maverick_adapters.csv_files.rejects import REJECT_COLUMNS, TOKEN_COLUMN
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.formulas import restore
from maverick_core.pipeline.csv_import.ports import Page

PAGE_ROWS: Final = 5_000  # a transaction's worth
PAGE_BYTES: Final = 1 << 23  # past this a page ends early, so that huge cells do not add up
_AT_A_TIME: Final = 25  # rows that are read between two looks at how far that brought us
_SAMPLE: Final = 1 << 18  # characters


@dataclass(frozen=True, slots=True)
class CsvSheet:
    """A file whose encoding, delimiter and header are known; a ``Sheet`` of the core.

    A rejects file is read as the file that it came from was: without the columns that were put in
    front, and with formulas as they were before they were made harmless.
    """

    file: CsvFile
    encoding: str
    delimiter: str
    columns: Sequence[str]
    """The first row, as it stands in the file."""
    header_lines: int
    """Lines of the file that are above the first contact."""
    header_row: int
    page_rows: int
    _ours: frozenset[int] = field(init=False)
    """Where the columns are that a rejects file has before the original ones."""
    _token_at: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Look for a rejects file's columns."""
        ours = (at for at, name in enumerate(self.columns) if name.strip() in REJECT_COLUMNS)
        object.__setattr__(self, "_ours", frozenset(ours))
        names = [name.strip() for name in self.columns]
        at = names.index(TOKEN_COLUMN) if TOKEN_COLUMN in names else None
        object.__setattr__(self, "_token_at", at)

    @property
    def name(self) -> str:
        """The file's name without its directories, in characters that can be stored."""
        return self.file.name.encode("utf-8", "replace").decode()

    @property
    def header(self) -> Sequence[str]:
        """The original columns."""
        return self._original(self.columns)

    def pages(self) -> Iterator[Page]:
        """Read the rows below the header; memory stays flat at any size of file.

        Raises:
            Unavailable: the file can no longer be read.

        """
        number = self.header_row + 1
        with _opened(self.file, self.encoding) as (text, file):
            size = self.file.size()
            for _ in range(self.header_lines):
                text.readline(LONGEST_LINE)
            records = read_records(text, self.delimiter, len(self.columns))
            while rows := _next_rows(records, self.page_rows, file.tell):
                unreadable = {at for at, row in enumerate(rows) if type(row) is Unreadable}
                read = min(1.0, file.tell() / size)
                yield Page(number, self._originals(rows), unreadable, read, self._tokens(rows))
                number += len(rows)

    def _tokens(self, rows: Sequence[Sequence[str]]) -> Sequence[str]:
        at = self._token_at
        return () if at is None else [row[at] if at < len(row) else "" for row in rows]

    def _originals(self, rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
        return [self._original(row) for row in rows] if self._ours else rows

    def _original(self, row: Sequence[str]) -> Sequence[str]:
        if not self._ours or type(row) is Unreadable:
            return row
        return [restore(cell) for at, cell in enumerate(row) if at not in self._ours]


def open_sheet(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    page_rows: int = PAGE_ROWS,
) -> CsvSheet:
    """Look at the file called ``path``; what is not said is detected.

    Raises:
        Missing: ``file_missing``.
        Rejected: it is no file, cannot be read, is empty or is not CSV; or the encoding or the
            delimiter cannot be one.

    """
    file = LocalFile(path)
    return look_at(file, encoding=encoding, delimiter=delimiter, page_rows=page_rows)


def look_at(
    file: CsvFile,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    page_rows: int = PAGE_ROWS,
) -> CsvSheet:
    """Look at a file wherever it is; see ``open_sheet``."""
    encoding = known_encoding(encoding) if encoding else _detected(file)
    lines = _sample(file, encoding)
    said = _separator(lines)
    body = lines[1:] if said else lines
    cut = known_delimiter(delimiter) if delimiter else said or detect_delimiter(body)
    columns, header_lines, header_row = _first_row(body, cut)
    if not columns:
        raise Rejected(
            f"{file.name} is empty.",
            code="file_empty",
            remedy="It needs a row with the columns' names and a row for each contact.",
        )
    above = header_lines + len(lines) - len(body)
    return CsvSheet(file, encoding, cut, columns, above, header_row, page_rows)


def _detected(file: CsvFile) -> str:
    with file.opened() as binary:
        return detect_encoding(binary)


def _sample(file: CsvFile, encoding: str) -> Sequence[str]:
    """Return the first lines; what the sample cuts in two is left out."""
    with _opened(file, encoding) as (text, _):
        lines = list(StringIO(text.read(_SAMPLE), newline=""))
        return lines[:-1] if len(lines) > 1 and text.read(1) else lines


def _separator(lines: Sequence[str]) -> str:
    """Return what a first line such as ``sep=;`` says: Excel reads it, and writes it at times."""
    line = lines[0].rstrip("\r\n").strip('"') if lines else ""
    is_one = line[:4].lower() == "sep=" and len(line) == len("sep=;")
    return known_delimiter(line[4:]) if is_one else ""


def _first_row(lines: Sequence[str], delimiter: str) -> tuple[Sequence[str], int, int]:
    """Return the first row that says something, the lines down to it, and its number."""
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for number, row in enumerate(reader, start=1):
            if any(map(str.strip, row)):
                return tuple(row), reader.line_num, number
    except csv.Error as error:
        raise Rejected(
            "The header cannot be read as CSV.",
            code="header_unreadable",
            remedy="Look at the first row for a quote that is left open.",
        ) from error
    return (), 0, 0


def _next_rows(
    records: Iterator[list[str]], limit: int, position: Callable[[], int]
) -> Sequence[list[str]]:
    rows: list[list[str]] = []
    end = position() + PAGE_BYTES
    while len(rows) < limit and position() < end:
        some = list(islice(records, min(_AT_A_TIME, limit - len(rows))))
        if not some:
            break
        rows += some
    return rows


@contextmanager
def _opened(file: CsvFile, encoding: str) -> Iterator[tuple[TextIO, BinaryIO]]:
    errors = error_handler(encoding)
    try:
        with (
            file.opened() as binary,
            TextIOWrapper(binary, encoding, errors, newline="") as text,
        ):
            yield text, binary
    except UnicodeError as error:
        raise Rejected(
            f"{file.name} cannot be read with that encoding.",
            code="wrong_encoding",
            remedy="Leave --encoding away, or name another.",
        ) from error
