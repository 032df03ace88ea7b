"""What imports need from outside: their record, their files, their rejects, a way to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from maverick_core.pipeline.csv_import.ports import Sheet
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.raw_import.rules import (
    Import,
    ImportClaim,
    ImportState,
    NewImport,
    Reading,
    RowName,
    Standing,
)


class Imports(Protocol):
    """Imports as people meet them. Each call is one transaction."""

    def add_import(self, workspace_id: int, new: NewImport, *, at: datetime) -> Import:
        """Put it on record, without a byte of its file.

        Raises:
            Missing: ``workspace_missing``.

        """
        ...

    def import_of(self, workspace_id: int, import_id: int) -> Import:
        """Return one import of the workspace.

        Raises:
            Missing: ``import_missing``.

        """
        ...

    def imports(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Import]:
        """Return the workspace's imports of either kind, the newest first, with ids below."""
        ...

    def start_import(self, import_id: int, reading: Reading, *, at: datetime) -> None:
        """Settle how a ready import is read, let it run, and announce it.

        Raises:
            Missing: ``import_missing``.
            Conflict: it is not ready.

        """
        ...

    def cancel_import(self, import_id: int, *, at: datetime) -> None:
        """End an import that is not over; its file goes, pages that were done stay.

        Whoever works on it is told at its next page.

        Raises:
            Missing: ``import_missing``.
            Conflict: it is over.

        """
        ...


class ImportFiles(Protocol):
    """The files of imports, in parts. They are in the record, so that any worker can read them."""

    def add_part(self, import_id: int, start: int, data: bytes) -> int:
        """Append ``data``, which begins at byte ``start``, and return how many bytes are there.

        Nothing is appended where ``start`` is not the end of what is there, or too much would be.

        Raises:
            Missing: ``import_missing``.
            Conflict: it is not uploading.

        """
        ...

    def file_is_there(self, import_id: int, digest: str) -> None:
        """Let an import that is uploading be ready; its file's SHA-256 is ``digest``.

        Raises:
            Missing: ``import_missing``.
            Conflict: it is not uploading, or bytes are missing.

        """
        ...

    def part(self, import_id: int, start: int) -> bytes:
        """Return the bytes from ``start`` to the end of the part they are in; none at the end.

        Raises:
            Missing: ``import_file_gone``, the file is not kept any more.

        """
        ...

    def forget_files(self, *, before: datetime) -> int:
        """Delete the files of imports that were over by then; return how many imports'."""
        ...


class WrongRow(NamedTuple):
    """A row whose shape is wrong, so that nobody can say what is what in it."""

    row_number: int
    code: str
    detail: str


class PageDone(NamedTuple):
    """What became of a page of a file. A row of it is in ``rows``, in ``wrong``, or in neither.

    ``corrected`` are rows that stand closed from now on, each with the row of this page that takes
    its place. ``repeated`` counts rows that count for nothing.
    """

    last_row: int
    read: float
    rows: Sequence[NewRaw]
    wrong: Sequence[WrongRow]
    corrected: Mapping[RowName, int]
    repeated: int


class ImportPage(Protocol):
    """A page of an import, while the rows of its workspace stand still."""

    def standing(self, tokens: Collection[str]) -> Mapping[str, Standing]:
        """Return what became of the rows that ``tokens`` name.

        Tokens that name no row of an import into the same workspace are left out.
        """
        ...

    def close(self, done: PageDone, *, at: datetime) -> None:
        """Put the page on record, with how far that brings the import."""
        ...


class ImportRecord(Protocol):
    """Imports as workers meet them. Each call, and each block, is one transaction."""

    def claim_import(
        self, import_id: int, *, worker: str, lease_seconds: float
    ) -> ImportClaim | str:
        """Take a raw import that runs and that nobody has; else say why not.

        ``over``, ``not_started``, ``busy``; and ``too_many_claims``, with which it fails for good.
        A claim takes the announcement away.

        Raises:
            Missing: ``import_missing``.

        """
        ...

    def import_page(
        self, claim: ImportClaim, *, lease_seconds: float
    ) -> AbstractContextManager[ImportPage]:
        """Hold the import and the workspace's rows for one page, and renew the lease.

        A clean exit commits what was closed, an exception leaves nothing behind.

        Raises:
            StaleImport: the claim is not valid any more.

        """
        ...

    def leave_import(self, claim: ImportClaim, *, at: datetime) -> None:
        """Hand the import back for whoever comes next, and announce it; stale claims do nothing."""
        ...

    def end_import(self, claim: ImportClaim, state: ImportState, why: str, *, at: datetime) -> None:
        """End it.

        Raises:
            StaleImport: the claim is not valid any more.

        """
        ...


class WaitingImports(Protocol):
    """Imports that nobody works on, as the sweeper finds them."""

    def waiting_imports(self, *, limit: int) -> Sequence[int]:
        """Return those that a claim would be given now, oldest first."""
        ...

    def announce_imports(self, *, patience_seconds: float, limit: int) -> int:
        """Announce those of the oldest that wait which nobody was told of, and return how many.

        Again, too, where the announcement was sent ``patience_seconds`` ago or more: it was lost.
        """
        ...


class OpenReject(NamedTuple):
    """A row that was rejected, by its shape or by the filter, and not corrected since."""

    row_number: int
    code: str
    detail: str


class ImportRejects(Protocol):
    """What was rejected of an import."""

    def open_rejects(self, import_id: int, *, after: int, limit: int) -> Sequence[OpenReject]:
        """Return those with a row number greater than ``after``, in order of row."""
        ...

    def reject_counts(self, import_id: int) -> Mapping[str, int]:
        """Return how many are open, by code."""
        ...

    def fates(self, import_id: int) -> Mapping[str, int]:
        """Return how many of the import's rows are ``waiting``, ``kept``, ``open`` and ``closed``.

        They add up to its rows.
        """
        ...


class ReadSheet(Sheet, Protocol):
    """A sheet that says how it is read."""

    @property
    def encoding(self) -> str:
        """The text encoding."""
        ...

    @property
    def delimiter(self) -> str:
        """What stands between the cells."""
        ...


class Sheets(Protocol):
    """Reads the files of imports."""

    def sheet(self, found: Import | ImportClaim, reading: Reading) -> ReadSheet:
        """Look at the file; what ``reading`` leaves open is detected.

        Raises:
            Missing: the file is not kept any more.
            Rejected: it cannot be read so.

        """
        ...
