"""What an import needs from outside: the file, the contacts, and somewhere for what is rejected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


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

        The e-mails in ``contacts`` are distinct, and new ones get rising ids in their order. Those
        that the workspace has already are left as they are, and returned with the id of the import
        each came with. Of the rows, the contacts that are new count as added and all others as
        rejected.
        """
        ...

    def known_contacts(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, int]:
        """Return which of ``emails`` the workspace has, and the import that each came with."""
        ...

    def finish_import(self, import_id: int, *, at: datetime) -> ImportCounts:
        """Close the import's record and return its final counts."""
        ...
