"""An import from its first byte to its rejects file, over any store, by the real use cases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, cast

from contracts.machines.mortal import Life, Mortal
from contracts.store.site import LEASE, Site
from maverick_adapters.cleaning import LibraryCleaner, PackagedDomains
from maverick_adapters.csv_files import StoredSheets, rejects_csv
from maverick_core.pipeline.filtering.service import FilterContacts, Judges
from maverick_core.pipeline.raw_import.ports import ImportRecord
from maverick_core.pipeline.raw_import.rejects import ReadRejects
from maverick_core.pipeline.raw_import.rules import Import, ImportKind, NewImport, Reading
from maverick_core.pipeline.raw_import.service import RunImport, StartImport, TakeFile

DUPLICATES: Final = {
    "duplicate_in_file", "duplicate_in_workspace", "duplicate_in_other_workspace"
}  # fmt: skip
_CLEANER: Final = LibraryCleaner()
_DOMAINS: Final = PackagedDomains()


@dataclass
class ImportRig:
    """One workspace's imports; pages of ``page_rows`` rows."""

    site: Site
    page_rows: int = 2
    slug: str = "acme"

    def __post_init__(self) -> None:
        """Add the workspace, if it is not there."""
        if self.slug not in {each.slug for each in self.site.record.workspaces()}:
            self.site.workspace(self.slug)
        self.workspace_id = self.site.record.workspace(self.slug).id
        self.sheets = StoredSheets(self.site.record, self.page_rows)
        self.cleaner, self.domains = _CLEANER, _DOMAINS

    def uploading(self, data: bytes, name: str = "list.csv", digest: str = "") -> Import:
        """Begin an import whose bytes are to come."""
        return self.taking.begin(self.slug, NewImport(name, len(data), "pat", digest))

    @property
    def taking(self) -> TakeFile:
        """What takes files in."""
        record = self.site.record
        return TakeFile(record, record, record, self.site.clock)

    def taken(self, data: bytes, name: str = "list.csv") -> Import:
        """Take a whole file in."""
        return self.taking(self.uploading(data, name), 0, data)

    def started(self, data: bytes, reading: Reading | None = None) -> Import:
        """Take a file in and have it imported; nobody has begun yet."""
        start = StartImport(self.site.record, self.sheets, self.site.clock)
        return start(self.taken(data), reading or Reading())

    def worker(self, record: ImportRecord | None = None) -> RunImport:
        """Return somebody who carries imports out."""
        record = record or self.site.record
        return RunImport(record, self.sheets, self.site.clock, LEASE)

    def imported(self, data: bytes, reading: Reading | None = None) -> Import:
        """Import a file from its first byte to its last row, and filter what it brought."""
        found = self.started(data, reading)
        code = self.worker()(found.id, worker="worker-1")
        assert code == "done", code
        self.filter()
        return self.now(found)

    def filter(self) -> None:
        """Judge all that waits."""
        record = self.site.record
        judges = Judges(record, self.cleaner, self.domains)
        FilterContacts(record, record, judges, self.site.clock)(self.slug, _silent)

    def now(self, found: Import) -> Import:
        """Return the import as it stands."""
        return self.site.record.import_of(self.workspace_id, found.id)

    def rejects(self, found: Import) -> bytes:
        """Return the import's rejects file."""
        whole = ReadRejects(self.site.record, self.sheets)(self.now(found))
        return b"".join(rejects_csv(whole))

    @property
    def kept(self) -> list[str]:
        """The mailboxes that are candidates."""
        rows = self.site.record.raw_snapshot().candidates
        return sorted(row.email for row in rows if row.workspace_id == self.workspace_id)

    @property
    def raw(self) -> list[Import]:
        """The imports of unjudged lists, the newest first."""
        found = self.site.record.imports(self.workspace_id)
        return [each for each in found if each.kind is ImportKind.RAW]

    @property
    def open(self) -> Counter[str]:
        """What waits for its correction in all imports, by code; duplicates are one of them."""
        found: Counter[str] = Counter()
        for each in self.raw:
            for code, rows in self.site.record.reject_counts(each.id).items():
                found["duplicate" if code in DUPLICATES else code] += rows
        return found

    def broken(self) -> list[str]:
        """Return what does not add up: each row stands for one thing, and the sums are the rows."""
        wrong = []
        for each in self.raw:
            fates = self.site.record.fates(each.id)
            counts = self.site.record.reject_counts(each.id)
            if sum(fates.values()) != each.rows or min(fates.values()) < 0:
                wrong.append(f"{each.id}: {each.rows} rows, {fates}")
            if fates["open"] != sum(counts.values()):
                wrong.append(f"{each.id}: {counts} open, {fates}")
        return wrong


def _silent(rows: int, codes: object) -> None:
    """Tell nobody."""


def crashing(rig: ImportRig, ends_at: int) -> tuple[RunImport, Life]:
    """Return a worker that dies at a step, and its life."""
    life = Life(ends_at)
    return rig.worker(cast("ImportRecord", Mortal(rig.site.record, life))), life
