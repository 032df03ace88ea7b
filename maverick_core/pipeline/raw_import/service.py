"""Take a file in, start its import, carry it out, and give out what was rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from maverick_core.kernel.errors import Missing, Rejected, Unavailable
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.csv_import.ports import Page
from maverick_core.pipeline.raw_import.columns import columns_of
from maverick_core.pipeline.raw_import.pages import PageHarvest, pages_after
from maverick_core.pipeline.raw_import.ports import (
    ImportFiles,
    ImportRecord,
    Imports,
    Sheets,
    WaitingImports,
)
from maverick_core.pipeline.raw_import.rows import RawRows
from maverick_core.pipeline.raw_import.rules import (
    KEPT,
    LARGEST,
    Import,
    ImportClaim,
    ImportState,
    NewImport,
    Reading,
    StaleImport,
    check_new,
    not_now,
)
from maverick_core.workspaces.ports import Workspaces

LEASE_SECONDS: Final = 120.0  # a page takes a tenth of a second


class Told(Protocol):
    """Is told after each page how far an import is."""

    def __call__(self, rows: int, read: float) -> None:
        """Take how many rows this worker put behind it, and the share of the file, 0 to 1."""
        ...


def silent(rows: int, read: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class TakeFile:
    """Use case: a file comes in, in parts, as often interrupted as it likes."""

    workspaces: Workspaces
    imports: Imports
    files: ImportFiles
    clock: Clock
    largest: int = LARGEST
    """Bytes of a file."""

    def begin(self, slug: str, new: NewImport) -> Import:
        """Put the import on record; its bytes are to come.

        Raises:
            Missing: no such workspace.
            Rejected: it can be no import.

        """
        check_new(new, largest=self.largest)
        workspace = self.workspaces.workspace(slug)
        return self.imports.add_import(workspace.id, new, at=self.clock.now())

    def __call__(self, found: Import, start: int, data: bytes) -> Import:
        """Append bytes, which begin at byte ``start``; with the last ones the file is ready.

        Bytes that are there already are taken as read: whoever lost an answer sends a part again.

        Raises:
            Conflict: the import is not uploading.
            Rejected: ``wrong_offset``, a gap would be left; ``file_too_large``, more comes than was
                said; ``wrong_digest``, the bytes are not those that were announced.

        """
        if found.state is not ImportState.UPLOADING:
            if start + len(data) <= found.received:
                return found
            raise not_now(found, "added to")
        if start + len(data) > found.bytes:
            raise Rejected(
                f"The file was said to have {found.bytes:,} bytes, and more of them come.",
                code="file_too_large",
                remedy="Begin an import with the size that the file has.",
            )
        known = found.received - start
        if known < 0:
            raise Rejected(
                f"Byte {start:,} cannot come after byte {found.received:,}.",
                code="wrong_offset",
                remedy=f"Go on at byte {found.received}.",
            )
        there = found.received
        if data[known:]:
            there = self.files.add_part(found.id, found.received, data[known:])
        if there == found.bytes:
            self._check(found)
        return self.imports.import_of(found.workspace_id, found.id)

    def _check(self, found: Import) -> None:
        """Read all of it once: what is kept is what was meant, and rows get their tokens by it."""
        digest = sha256()
        start = 0
        while data := self.files.part(found.id, start):
            digest.update(data)
            start += len(data)
        if found.digest and digest.hexdigest() != found.digest:
            self.imports.cancel_import(found.id, at=self.clock.now())
            raise Rejected(
                "The file that came is not the one that was announced: their digests differ.",
                code="wrong_digest",
                remedy="Begin an import again and send the file once more.",
            )
        self.files.file_is_there(found.id, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class StartImport:
    """Use case: somebody says how to read a file, and has it imported."""

    imports: Imports
    sheets: Sheets
    clock: Clock

    def __call__(self, found: Import, reading: Reading) -> Import:
        """Settle encoding, delimiter and columns, and announce the import.

        Raises:
            Conflict: it is not ready.
            Rejected: the file makes no sense read like that; nothing was settled.

        """
        if found.state is not ImportState.READY:
            raise not_now(found, "started")
        sheet = self.sheets.sheet(found, reading)
        columns_of(sheet, reading)
        settled = Reading(sheet.encoding, sheet.delimiter, reading.fields, reading.variables)
        self.imports.start_import(found.id, settled, at=self.clock.now())
        return self.imports.import_of(found.workspace_id, found.id)


@dataclass(frozen=True, slots=True)
class RunImport:
    """Use case: a worker carries an import out, from where it is.

    A page a transaction: a crash, wherever it strikes, loses no more than the work of the page in
    hand, and the next worker reads that page again.
    """

    record: ImportRecord
    sheets: Sheets
    clock: Clock
    lease_seconds: float = LEASE_SECONDS

    def __call__(
        self,
        import_id: int,
        *,
        worker: str,
        told: Told = silent,
        stopping: Callable[[], bool] = bool,
    ) -> str:
        """Go on with it and return how that ended: ``done``, ``left``, or why not.

        ``stopping`` is asked after each page; then the import is handed back.

        Raises:
            Missing: ``import_missing``.
            Unavailable: the database does not answer; whole pages are on record.

        """
        claim = self.record.claim_import(import_id, worker=worker, lease_seconds=self.lease_seconds)
        if isinstance(claim, str):
            return claim
        try:
            return self._go_on(claim, told, stopping)
        except StaleImport:
            return "taken"
        except (Rejected, Missing) as error:
            self._end(claim, ImportState.FAILED, str(error))
            return error.code
        except Unavailable:
            raise
        except BaseException:  # Ctrl-C too: nobody has to wait for the lease to end
            self.record.leave_import(claim, at=self.clock.now())
            raise

    def _go_on(self, claim: ImportClaim, told: Told, stopping: Callable[[], bool]) -> str:
        sheet = self.sheets.sheet(claim, claim.reading)
        rows = RawRows(columns_of(sheet, claim.reading))
        behind = 0
        for page in pages_after(sheet, claim.last_row):
            self._take(claim, page, rows)
            behind += len(page.rows)
            told(behind, page.read)
            if stopping():
                self.record.leave_import(claim, at=self.clock.now())
                return "left"
        self._end(claim, ImportState.DONE, "")
        return "done"

    def _take(self, claim: ImportClaim, page: Page, rows: RawRows) -> None:
        harvest = PageHarvest(page, rows)
        tokens = harvest.tokens
        with self.record.import_page(claim, lease_seconds=self.lease_seconds) as held:
            standing = held.standing(tokens) if tokens else {}
            held.close(harvest.done(standing), at=self.clock.now())

    def _end(self, claim: ImportClaim, state: ImportState, why: str) -> None:
        self.record.end_import(claim, state, why, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class AnnounceImports:
    """Use case: the sweep for imports whose message was lost, or whose worker died."""

    waiting: WaitingImports
    patience_seconds: float = 60.0
    limit: int = 1_000

    def __call__(self) -> int:
        """Announce what waits and return how many that were."""
        return self.waiting.announce_imports(
            patience_seconds=self.patience_seconds, limit=self.limit
        )


@dataclass(frozen=True, slots=True)
class ForgetFiles:
    """Use case: delete the files of imports that were over a month ago."""

    files: ImportFiles
    clock: Clock

    def __call__(self) -> int:
        """Delete, and return of how many imports that were."""
        return self.files.forget_files(before=self.clock.now() - KEPT)
