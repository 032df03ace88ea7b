"""Import a list that nobody has judged: every row goes on record, and the filter judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as json_text
from types import MappingProxyType
from typing import Any, Final

from maverick_core.kernel.text import LOST
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.csv_import.mapping import (
    ALIASES,
    FIELDS,
    Choices,
    Columns,
    map_columns,
)
from maverick_core.pipeline.csv_import.ports import (
    ImportCounts,
    NewContacts,
    Page,
    Progress,
    Sheet,
)
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind, RawContacts
from maverick_core.workspaces.ports import Workspaces

RAW_FIELDS: Final = (*FIELDS, "phone", "state", "line_of_business")
"""What a column can be where the filter is to judge the rows."""

RAW_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **ALIASES,
        **{
            alias: field
            for field, aliases in {
                "phone": "phone phonenumber telephone tel mobile cell workphone",
                "state": "state province region stateprovince st",
                "line_of_business": "lineofbusiness lob linesofbusiness line lines",
            }.items()
            for alias in aliases.split()
        },
    }
)


class RawRows:
    """Makes raw contacts of the rows under one header, whatever stands in them."""

    def __init__(self, columns: Columns) -> None:
        """Settle where each field stands."""
        self._width = len(columns.header)
        names = {"name": "full_name"}
        self._places = [(names.get(field, field), at) for field, at in columns.fields.items()]
        self._variables = tuple(
            (json_text(name) + ":", at) for name, at in columns.variables.items()
        )

    def raw(self, page: Page) -> Iterator[NewRaw]:
        """Yield a raw contact for each row in which something stands.

        A row that cannot be read, or has lost cells, gets the mark of what was lost in its notes,
        so that the filter does not take it for a whole one.
        """
        for at, row in enumerate(page.rows):
            if any(map(str.strip, row)):
                broken = at in page.unreadable or self._is_ragged(row)
                yield self._row(page.first_row + at, row, broken=broken)

    def _is_ragged(self, row: Sequence[str]) -> bool:
        return len(row) < self._width or any(map(str.strip, row[self._width :]))

    def _row(self, number: int, row: Sequence[str], *, broken: bool) -> NewRaw:
        width = len(row)
        fields: dict[str, Any] = {
            name: row[at] for name, at in self._places if at < width and row[at]
        }
        if broken:
            fields["notes"] = LOST + fields.get("notes", "")
        members = [
            key + json_text(row[at]) for key, at in self._variables if at < width and row[at]
        ]
        variables = "{" + ",".join(members) + "}" if members else None
        return NewRaw(number, variables=variables, **fields)


@dataclass(frozen=True, slots=True)
class RawReport:
    """What became of a file: all its rows wait for the filter."""

    import_id: int
    counts: ImportCounts
    columns: Columns


@dataclass(frozen=True, slots=True)
class ImportRaw:
    """Use case: put the rows of a file on record as raw contacts."""

    workspaces: Workspaces
    imports: NewContacts
    raw: RawContacts
    clock: Clock

    def __call__(self, slug: str, sheet: Sheet, choices: Choices, progress: Progress) -> RawReport:
        """Append every row of ``sheet``, a page a transaction.

        After a crash import the file again: what is there twice the filter names a duplicate.

        Raises:
            Missing: no such workspace.
            Rejected: the header cannot be understood; nothing was put on record.
            Unavailable: the file or the database fail; whole pages are on record.

        """
        workspace = self.workspaces.workspace(slug)
        columns = map_columns(sheet.header, choices, RAW_ALIASES)
        import_id = self.imports.begin_import(workspace.id, sheet.name, at=self.clock.now())
        origin = Origin(OriginKind.CSV_IMPORT, import_id)
        rows = RawRows(columns)
        read = 0
        for page in sheet.pages():
            found = list(rows.raw(page))
            self.raw.add_raw(workspace.id, origin, found, at=self.clock.now())
            read += len(found)
            progress(ImportCounts(read, read, 0), page.read)
        counts = self.imports.finish_import(import_id, at=self.clock.now())
        return RawReport(import_id, counts, columns)
