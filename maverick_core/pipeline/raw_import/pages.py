"""Pages of a file from any row on, and what a page comes to when rows in it correct others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from maverick_core.pipeline.csv_import.ports import Page, Sheet
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.raw_import.ports import PageDone
from maverick_core.pipeline.raw_import.rows import RawRows
from maverick_core.pipeline.raw_import.rules import RowName, Standing


def pages_after(sheet: Sheet, row: int) -> Iterator[Page]:
    """Yield the pages of ``sheet`` without the rows up to number ``row``.

    They are read and let go, a million in two seconds: where a row begins in a file with quotes is
    known to nobody who has not read what is above it.
    """
    for page in sheet.pages():
        skipped = row + 1 - page.first_row
        if skipped < len(page.rows):
            yield _without(page, skipped) if skipped > 0 else page


def _without(page: Page, count: int) -> Page:
    return page._replace(
        first_row=page.first_row + count,
        rows=page.rows[count:],
        unreadable={at - count for at in page.unreadable if at >= count},
        tokens=page.tokens[count:],
    )


class PageHarvest:
    """The rows of one page, before it is known what those with a token stand for."""

    def __init__(self, page: Page, rows: RawRows) -> None:
        """Read the page."""
        self._page = page
        self._raw, self._wrong = rows.read(page)

    @property
    def tokens(self) -> Collection[str]:
        """What has to be looked up."""
        return {token for token in self._page.tokens if token}

    def done(self, standing: Mapping[str, Standing]) -> PageDone:
        """Return what the page comes to.

        A row takes the place of the open row that its token leads to. Where none is open, or the
        page had a row for it already, it counts for nothing: what it corrects went in before.
        """
        last_row = self._page.first_row + len(self._page.rows) - 1
        if not standing:
            return PageDone(last_row, self._page.read, self._raw, self._wrong, {}, 0)
        corrected: dict[RowName, int] = {}
        repeated: set[int] = set()
        numbers = [row.row_number for row in self._raw]
        numbers += [row.row_number for row in self._wrong]
        for number in sorted(numbers):
            found = standing.get(self._page.tokens[number - self._page.first_row])
            if found is None:
                continue
            if found.open and found.last not in corrected:
                corrected[found.last] = number
            else:
                repeated.add(number)
        return PageDone(
            last_row,
            self._page.read,
            _left(self._raw, repeated),
            [row for row in self._wrong if row.row_number not in repeated],
            corrected,
            len(repeated),
        )


def _left(rows: Sequence[NewRaw], repeated: Collection[int]) -> Sequence[NewRaw]:
    return [row for row in rows if row.row_number not in repeated] if repeated else rows
