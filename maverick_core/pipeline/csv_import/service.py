"""Import a verified list: each row is added once, or named among the rejects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from maverick_core.kernel.time import Clock
from maverick_core.pipeline.csv_import.harvest import Harvest
from maverick_core.pipeline.csv_import.mapping import Choices, Columns, map_columns
from maverick_core.pipeline.csv_import.ports import (
    ImportCounts,
    NewContacts,
    Progress,
    Rejects,
    Sheet,
)
from maverick_core.pipeline.csv_import.rehearsal import Rehearsal
from maverick_core.pipeline.csv_import.rows import ContactRows
from maverick_core.pipeline.csv_import.rules import RejectCode
from maverick_core.workspaces.ports import Workspaces


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file, or in a dry run would. ``import_id`` is None in a dry run."""

    import_id: int | None
    counts: ImportCounts
    rejected: Mapping[RejectCode, int]
    columns: Columns


@dataclass(frozen=True, slots=True)
class ImportContacts:
    """Use case: put the contacts of a file on record as verified."""

    workspaces: Workspaces
    contacts: NewContacts
    clock: Clock

    def __call__(
        self,
        slug: str,
        sheet: Sheet,
        choices: Choices,
        rejects: Rejects,
        progress: Progress,
        *,
        dry_run: bool = False,
    ) -> ImportReport:
        """Add every contact of ``sheet`` that the workspace lacks, a page a transaction.

        Importing a file again adds nothing, so that is what to do after a crash: what is on record
        already is then named a duplicate. A page's rejects are kept after its contacts, so a crash
        between the two leaves out rejects that the second import names again. With ``dry_run``
        nothing is put on record; the verdicts are the same.

        Raises:
            Missing: no such workspace.
            Rejected: the header cannot be understood; nothing was put on record.
            Unavailable: the file, the rejects or the database fail; whole pages are on record.

        """
        workspace = self.workspaces.workspace(slug)
        columns = map_columns(sheet.header, choices)
        target = Rehearsal(self.contacts, workspace.id) if dry_run else self.contacts
        import_id = target.begin_import(workspace.id, sheet.name, at=self.clock.now())
        rows = ContactRows(columns)
        codes: Counter[RejectCode] = Counter()
        read = 0
        for page in sheet.pages():
            harvest = Harvest(page, rows)
            known = target.add_contacts(
                import_id, harvest.contacts, rows_read=harvest.rows_read, at=self.clock.now()
            )
            rejected = harvest.rejected(known, import_id)
            if rejected:
                rejects.add(rejected)
            codes.update(row.code for row in rejected)
            read += harvest.rows_read
            progress(_counts(read, codes.total()), page.read)
        counts = target.finish_import(import_id, at=self.clock.now())
        return ImportReport(None if dry_run else import_id, counts, codes, columns)


def _counts(rows: int, rejected: int) -> ImportCounts:
    return ImportCounts(rows, rows - rejected, rejected)
