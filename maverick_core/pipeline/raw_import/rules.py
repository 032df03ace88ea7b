"""What an import is, how it goes on, and what became of a row that came back corrected.

::

    uploading --all bytes are there--> ready --start--> running --no row is left--> done
        |                                |              |  ^ |
        |                                |              |  | +--the file makes no sense--> failed
        |                                |              +--+ claim, when no lease is held
        +------------ cancel ------------+--------------+--> cancelled

An import is claimed for a *lease*, and each claim raises the *fence*. A page of the file, whatever
became of its rows, and how far that brings the import are one transaction that carries the fence.
So whoever takes it next goes on behind the last page that was put on record, and nobody counts
twice. A page that gets done lets the count of claims begin again: only an import of which no page
gets done at all ends after ``MAX_CLAIMS``.

A row that was rejected has a *token* in the rejects file. A row that comes with one takes the place
of the rejected one, which is closed by that. If it is rejected again, it is that row which is open
from then on; the first token leads there still. So of all rows that stand for one there is never
more than one that is open, or went in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from maverick_core.jobs.rules import Work
from maverick_core.kernel.errors import Conflict, Missing, Rejected
from maverick_core.topology.routes import queue_of

IMPORT_ACTOR: Final = "app.workers.tasks.processing.import_file"
IMPORT_QUEUE: Final = queue_of(IMPORT_ACTOR)
MAX_CLAIMS: Final = 5
"""Workers that may take an import while no page of it gets done."""
NO_END: Final = f"{MAX_CLAIMS} workers took the import and none of them finished a page of it."
KEPT: Final = timedelta(days=30)
"""How long the file of an import that is over is kept, so that its rejects can be had."""
LARGEST: Final = 2 << 30
"""Bytes of a file: some ten million rows."""
LONGEST_NAME: Final = 200


class ImportKind(StrEnum):
    """What an import brings."""

    VERIFIED = "verified"
    """Contacts that were verified elsewhere; its worker is whoever began it."""
    RAW = "raw"
    """Rows that nobody has judged."""


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADING = "uploading"
    """Not all bytes of its file are there."""
    READY = "ready"
    """The file is there, and nobody has said yet how to read it."""
    RUNNING = "running"
    """A worker has it, had it and died, or is yet to take it."""
    DONE = "done"
    """Every row was put on record."""
    FAILED = "failed"
    """It could not go on, and why is on record; pages that were done stay."""
    CANCELLED = "cancelled"
    """Somebody ended it; pages that were done stay."""


OVER: Final = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: settled before the first row, so that any worker reads the same."""

    encoding: str = ""
    delimiter: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Columns to the fields that they were said to be; names say the rest."""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file that is to come. ``digest``, SHA-256 in hex, may be empty; it is checked if not."""

    file_name: str
    bytes: int
    by: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands.

    ``rows`` are those that count, ``added`` those of them that went on record, ``rejected`` those
    whose shape is wrong. ``repeated`` rows count for nothing: what they correct went in before.
    ``corrected`` took the place of rows of other imports. ``last_row`` is where the next worker
    goes on, ``read`` the share of the file that is behind it, 0 to 1.
    """

    id: int
    workspace_id: int
    kind: ImportKind
    file_name: str
    state: ImportState
    why: str
    by: str
    bytes: int
    received: int
    digest: str
    reading: Reading
    rows: int
    added: int
    rejected: int
    repeated: int
    corrected: int
    last_row: int
    read: float
    claimed_row: int
    claimed_at: datetime | None
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def rate(self) -> float | None:
        """Rows a second since the last worker began; None as long as there were none."""
        done = self.last_row - self.claimed_row
        if self.claimed_at is None or done <= 0:
            return None
        seconds = (self.updated_at - self.claimed_at).total_seconds()
        return done / seconds if seconds > 0 else None

    @property
    def total(self) -> int | None:
        """How many rows the file has, as far as the part that was read shows that."""
        if self.state is ImportState.DONE:
            return self.last_row
        return round(self.last_row / self.read) if self.read > 0 and self.last_row else None

    @property
    def eta_seconds(self) -> float | None:
        """How long the rest takes at this rate."""
        if self.state is not ImportState.RUNNING or self.total is None or not self.rate:
            return None
        return max(0, self.total - self.last_row) / self.rate


def same_file(found: Import, others: Iterable[Import]) -> Import | None:
    """Return the first of ``others`` that brought rows of the very same file, None if none did."""
    return next((each for each in others if each.rows and each.digest == found.digest), None)


class ImportClaim(NamedTuple):
    """A worker's right to go on with an import, as long as nobody else has a higher ``fence``."""

    id: int
    workspace_id: int
    fence: int
    file_name: str
    bytes: int
    digest: str
    reading: Reading
    last_row: int


class StaleImport(Conflict):
    """Another worker has the import, or it ended, since this claim. Stop, quietly."""

    def __init__(self, import_id: int) -> None:
        """Name the import whose claim is no longer valid."""
        super().__init__(
            f"The claim of import {import_id} is no longer valid.", code="stale_import"
        )


class RowName(NamedTuple):
    """A row of an import, by its number as a spreadsheet counts."""

    import_id: int
    row_number: int


class Standing(NamedTuple):
    """What became of a row that was rejected once.

    ``last`` is the row that stands for it now, itself if nobody corrected it; ``open`` says that
    this one is rejected and waits for its correction.
    """

    last: RowName
    open: bool


_TOKEN: Final = re.compile(r"(\d{1,15})-(\d{1,15})-([0-9a-f]{8})", re.ASCII)
_MARK: Final = (
    8  # hex digits of the digest: enough to tell one installation's imports from another's
)


def row_token(name: RowName, digest: str) -> str:
    """Return what a row is known by in a rejects file; ``digest`` is that of the import's file."""
    return f"{name.import_id}-{name.row_number}-{digest[:_MARK]}"


def parse_row_token(text: str) -> tuple[RowName, str] | None:
    """Return the row, and how its file's digest begins; None where the cell holds no token."""
    match = _TOKEN.fullmatch(text.strip())
    return (RowName(int(match[1]), int(match[2])), match[3]) if match else None


def import_key(import_id: int, fence: int) -> str:
    """Return what makes the announcement of one run of an import unique."""
    return f"import:{import_id}:{fence}"


def import_work(import_id: int, fence: int) -> Work:
    """Return the next run of an import as it is announced."""
    return Work(IMPORT_QUEUE, IMPORT_ACTOR, import_id, import_key(import_id, fence))


def no_import(import_id: int) -> Missing:
    """Return the error that says that there is no such import."""
    return Missing(
        f"There is no import {import_id}.",
        code="import_missing",
        remedy='See "maverick imports list", with the workspace.',
    )


def not_now(found: Import, what: str) -> Conflict:
    """Return the error that says that the import's state does not allow it."""
    return Conflict(
        f"Import {found.id} is {found.state}; it cannot be {what} now.",
        code="import_state",
        remedy="Look at the import, then decide.",
    )


def check_new(new: NewImport, *, largest: int = LARGEST) -> None:
    """Refuse what can be no import before anything is put on record.

    Raises:
        Rejected: ``file_empty``, ``file_too_large``, ``bad_file_name`` or ``bad_digest``.

    """
    if new.bytes < 1:
        raise Rejected("The file is empty.", code="file_empty", remedy="Send one with rows.")
    if new.bytes > largest:
        raise Rejected(
            f"The file is larger than {largest:,} bytes.",
            code="file_too_large",
            remedy="Cut it into several and import one after the other.",
        )
    if not new.file_name.strip() or len(new.file_name) > LONGEST_NAME:
        raise Rejected(
            f"A file's name has 1 to {LONGEST_NAME} characters.",
            code="bad_file_name",
            remedy="Name the file as people know it.",
        )
    if new.digest and not re.fullmatch("[0-9a-f]{64}", new.digest):
        raise Rejected(
            "The digest is no SHA-256.",
            code="bad_digest",
            remedy="Send 64 hexadecimal digits in lower case, or leave it out.",
        )
