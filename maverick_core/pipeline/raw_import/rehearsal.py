"""A file judged by the filter's rules, and put on record nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maverick_core.kernel.text import storable
from maverick_core.pipeline.csv_import.mapping import Columns
from maverick_core.pipeline.csv_import.ports import Sheet
from maverick_core.pipeline.filtering.ports import FilterHistory, Holder, JudgedContact, RawContact
from maverick_core.pipeline.filtering.service import Judges
from maverick_core.pipeline.filtering.trial import Trial
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.raw_import.columns import Guess, columns_of, guesses
from maverick_core.pipeline.raw_import.ports import ReadSheet
from maverick_core.pipeline.raw_import.rows import RawRows
from maverick_core.pipeline.raw_import.rules import Reading
from maverick_core.pipeline.raw_import.service import Told
from maverick_core.suppression.ports import SuppressionList
from maverick_core.workspaces.ports import Workspaces

_ORIGIN = Origin(OriginKind.CSV_IMPORT, 0)  # ids on record begin at 1
_SAMPLES = 100  # rows by whose cells columns are guessed


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be read: what people look at before they say yes."""

    encoding: str
    delimiter: str
    columns: Sequence[Guess]
    rows: Sequence[Sequence[str]]


def preview(sheet: ReadSheet, *, rows: int = 10) -> Preview:
    """Look at the first page of a file."""
    page = next(iter(sheet.pages()), None)
    found = page.rows if page else ()
    return Preview(
        sheet.encoding,
        sheet.delimiter,
        guesses([" ".join(cell.split()) for cell in sheet.header], found[:_SAMPLES]),
        [tuple(row) for row in found[:rows]],
    )


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an import would come to: rows by the code that each would have, ``kept`` among them."""

    rows: int
    codes: Mapping[str, int]
    columns: Columns


@dataclass(frozen=True, slots=True)
class RehearseImport:
    """Use case: say what importing and filtering a file would do, and do nothing.

    It has to remember whom it would keep, some 100 bytes each. A row that corrects another one is
    judged like any other.
    """

    workspaces: Workspaces
    history: FilterHistory
    suppressions: SuppressionList
    judges: Judges

    def __call__(self, slug: str, sheet: Sheet, reading: Reading, told: Told) -> Rehearsed:
        """Judge every row by the rules in force.

        Raises:
            Missing: no such workspace.
            Rejected: the header cannot be understood.

        """
        workspace_id = self.workspaces.workspace(slug).id
        columns = columns_of(sheet, reading)
        _, judge = self.judges.in_force(workspace_id)
        file = _FileHistory(self.history, sheet, RawRows(columns), told)
        trial = Trial(workspace_id, file, self.suppressions, judge, waiting=True)
        for page in trial.pages(0):
            file.codes.update(verdict.code for _, verdict in page)
        return Rehearsed(file.codes.total(), file.codes, columns)


class _FileHistory:
    """A history in which the file's rows are what waits; who has what is asked of the record."""

    def __init__(self, history: FilterHistory, sheet: Sheet, rows: RawRows, told: Told) -> None:
        self._history = history
        self._pages = self._read(sheet, rows, told)
        self.codes: Counter[str] = Counter()

    def judged(
        self,
        workspace_id: int,  # noqa: ARG002 - as the port has it
        *,
        after: int,  # noqa: ARG002
        limit: int,  # noqa: ARG002
        waiting: bool,  # noqa: ARG002
    ) -> Sequence[JudgedContact]:
        """Return the next page's rows, with their numbers for ids."""
        return next(self._pages, ())

    def holders(
        self, workspace_id: int, emails: Collection[str], *, everywhere: bool, own_candidates: bool
    ) -> Mapping[str, Holder]:
        """Ask the record."""
        return self._history.holders(
            workspace_id, emails, everywhere=everywhere, own_candidates=own_candidates
        )

    def _read(self, sheet: Sheet, rows: RawRows, told: Told) -> Iterator[Sequence[JudgedContact]]:
        behind = 0
        for page in sheet.pages():
            found, wrong = rows.read(page)
            self.codes.update(row.code for row in wrong)
            if found:
                yield [JudgedContact(_raw(row), None) for row in found]
            behind += len(page.rows)
            told(behind, page.read)


def _raw(row: NewRaw) -> RawContact:
    fields = (storable(cell) if cell else None for cell in row[2:13])
    return RawContact(row.row_number, _ORIGIN, row.row_number, *fields)
