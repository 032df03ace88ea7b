"""What was rejected of an import, with its cells: read again out of the file, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from maverick_core.pipeline.csv_import.ports import Page
from maverick_core.pipeline.filtering.codes import shown_code
from maverick_core.pipeline.raw_import.codes import reason
from maverick_core.pipeline.raw_import.ports import ImportRejects, OpenReject, ReadSheet, Sheets
from maverick_core.pipeline.raw_import.rules import Import, RowName, row_token

PAGE: Final = 5_000


class RejectedCells(NamedTuple):
    """A rejected row as it stands in the file, with why it is rejected and what it is known by."""

    row_number: int
    code: str
    reason: str
    token: str
    cells: Sequence[str]


class Rejected(NamedTuple):
    """The rejects of an import: the file's columns and delimiter, and the rows, page by page."""

    header: Sequence[str]
    delimiter: str
    pages: Iterator[Sequence[RejectedCells]]


@dataclass(frozen=True, slots=True)
class ReadRejects:
    """Use case: give out what waits for its correction, by structure and by the filter alike."""

    rejects: ImportRejects
    sheets: Sheets

    def __call__(self, found: Import, *, everywhere: bool = True) -> Rejected:
        """Return the import's rejects; the rows are looked up as the pages are asked for.

        Without ``everywhere`` nothing in them tells of other workspaces.

        Raises:
            Missing: ``import_file_gone``.

        """
        sheet = self.sheets.sheet(found, found.reading)
        return Rejected(
            sheet.header, sheet.delimiter, self._pages(found, sheet, everywhere=everywhere)
        )

    def _pages(
        self, found: Import, sheet: ReadSheet, *, everywhere: bool
    ) -> Iterator[Sequence[RejectedCells]]:
        waiting = (_shown(each, everywhere=everywhere) for each in self._open(found.id))
        next_one = next(waiting, None)
        if next_one is None:
            return
        for page in sheet.pages():
            rows: list[RejectedCells] = []
            while next_one and next_one.row_number < page.first_row + len(page.rows):
                rows.append(_with_cells(found, next_one, page))
                next_one = next(waiting, None)
            if rows:
                yield rows
            if next_one is None:
                return

    def _open(self, import_id: int) -> Iterator[OpenReject]:
        after = 0
        while page := self.rejects.open_rejects(import_id, after=after, limit=PAGE):
            yield from page
            after = page[-1].row_number


def _shown(reject: OpenReject, *, everywhere: bool) -> OpenReject:
    code = shown_code(reject.code, everywhere=everywhere)
    return reject if code == reject.code else OpenReject(reject.row_number, code, "")


def _with_cells(found: Import, reject: OpenReject, page: Page) -> RejectedCells:
    number, code, detail = reject
    token = row_token(RowName(found.id, number), found.digest)
    return RejectedCells(
        number, code, reason(code, detail), token, page.rows[number - page.first_row]
    )
