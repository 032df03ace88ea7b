"""A dry run's contacts: looked up and counted, and put on record nowhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from maverick_core.pipeline.csv_import.ports import ImportCounts, NewContact, NewContacts

_IMPORT_ID: Final = 0  # ids on record begin at 1


class Rehearsal:
    """Gives the answers that ``contacts`` would, and leaves them as they are.

    It has to remember what it would have added: about 70 bytes a contact, as 64-bit hashes.
    """

    def __init__(self, contacts: NewContacts, workspace_id: int) -> None:
        """Rehearse one import into one workspace."""
        self._contacts = contacts
        self._workspace_id = workspace_id
        self._seen: set[int] = set()
        self._rows = 0
        self._added = 0

    def begin_import(self, _workspace_id: int, _file_name: str, *, at: datetime) -> int:  # noqa: ARG002 - as the port has it
        """Return an id that no import on record has."""
        return _IMPORT_ID

    def add_contacts(
        self,
        _import_id: int,
        contacts: Sequence[NewContact],
        *,
        rows_read: int,
        at: datetime,  # noqa: ARG002 - as the port has it
    ) -> Mapping[str, int]:
        """Say which contacts are known, as if those of earlier calls had been added."""
        emails = [contact.email for contact in contacts]
        known = dict(self.known_contacts(self._workspace_id, emails))
        marks = {email: hash(email) for email in emails if email not in known}
        known.update({email: _IMPORT_ID for email, mark in marks.items() if mark in self._seen})
        self._seen.update(marks.values())
        self._rows += rows_read
        self._added += len(emails) - len(known)
        return known

    def known_contacts(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, int]:
        """Look them up."""
        return self._contacts.known_contacts(workspace_id, emails)

    def finish_import(self, _import_id: int, *, at: datetime) -> ImportCounts:  # noqa: ARG002 - as the port has it
        """Return what the import's record would say."""
        return ImportCounts(self._rows, self._added, self._rows - self._added)
