"""What an import needs from outside: the file, the contacts, and somewhere for what is rejected."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from maverick_core.pipeline.csv_import.rules import RejectCode


class NewContact(NamedTuple):
    """A verified contact as it goes on record; ``email`` is normalised, empty fields are None.

    ``variables`` is a JSON object of custom variables (lower-case name to text), or None.
    """

    email: str
    first_name: str
    last_name: str | None
    title: str | None
    company: str | None
    notes: str | None
    variables: str | None


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of a file's rows so far; ``rows`` is the sum of the other two."""

    rows: int = 0
    added: int = 0
    rejected: int = 0


class NewContacts(Protocol):
    """Where imported contacts go. Each call is one transaction."""

    def begin_import(self, workspace_id: int, file_name: str, *, at: datetime) -> int:
        """Put the import on record and return its id."""
        ...

    def add_contacts(
        self, import_id: int, contacts: Sequence[NewContact], *, rows_read: int, at: datetime
    ) -> Mapping[str, int]:
        """Add verified contacts, and ``rows_read`` rows of the file to the import's record.

        The e-mails in ``contacts`` are distinct. Those that the workspace has already are left as
        they are, and returned with the id of the import each came with. Of the rows, the contacts
        that are new count as added and all others as rejected.
        """
        ...

    def known_contacts(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, int]:
        """Return which of ``emails`` the workspace has, and the import that each came with."""
        ...

    def finish_import(self, import_id: int, *, at: datetime) -> ImportCounts:
        """Close the import's record and return its final counts."""
        ...


class Page(NamedTuple):
    """Some rows of a file in their order, few and short enough to hold in memory.

    ``first_row`` is the first one's number as a spreadsheet counts: the header is row 1. A line
    that cannot be read as CSV is a row of one cell whose index is in ``unreadable``. ``read`` is
    the share of the file, 0 to 1, that is behind the reader at the page's end. ``tokens`` say of
    each row what it is known by in the rejects file that it comes back in; else there are none.
    """

    first_row: int
    rows: Sequence[Sequence[str]]
    unreadable: Collection[int]
    read: float
    tokens: Sequence[str] = ()


class Sheet(Protocol):
    """A table of text: a header and rows below it, perhaps more than fit into memory."""

    @property
    def name(self) -> str:
        """What it is called on record: the file's name without its directories."""
        ...

    @property
    def header(self) -> Sequence[str]:
        """The first row's cells."""
        ...

    def pages(self) -> Iterator[Page]:
        """Read the rows below the header, from the first; each call begins again.

        Raises:
            Unavailable: the file can no longer be read.

        """
        ...


class RejectedRow(NamedTuple):
    """A row that did not become a contact, with its cells as the file has them."""

    number: int
    code: RejectCode
    reason: str
    cells: Sequence[str]


class Rejects(Protocol):
    """Where rejected rows go, so that somebody can correct them and import them again."""

    def add(self, rows: Sequence[RejectedRow]) -> None:
        """Keep ``rows``; they outlive this process when the call returns.

        Raises:
            Unavailable: they cannot be written.

        """
        ...


class Progress(Protocol):
    """Is told after each page how far an import is."""

    def __call__(self, counts: ImportCounts, read: float) -> None:
        """Take the counts so far, and the share of the file that is behind us, 0 to 1."""
        ...
