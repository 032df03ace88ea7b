"""Contacts come in by imports and go out as leads, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from maverick_adapters.memory.import_tables import ImportRecord
from maverick_adapters.memory.suppressions import suppressed_among
from maverick_adapters.memory.tables import ContactRecord, Tables, Transactions
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.csv_import.ports import ImportCounts, NewContact
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.raw_import.rules import ImportState


class MemoryContacts(Transactions):
    """Satisfies ``NewContacts`` and ``LeadsToSend``."""

    def begin_import(self, workspace_id: int, file_name: str, *, at: datetime) -> int:
        """Open the import's record."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            import_id = len(tables.imports) + 1
            tables.imports[import_id] = ImportRecord(import_id, workspace_id, file_name, at)
        return import_id

    def add_contacts(
        self, import_id: int, contacts: Sequence[NewContact], *, rows_read: int, at: datetime
    ) -> Mapping[str, int]:
        """Add those that are new, and return the import of those that are not."""
        with self._transaction() as tables:
            record = _import_row(tables, import_id)
            known = _known(tables, record.workspace_id, [new.email for new in contacts])
            added = [new for new in contacts if new.email not in known]
            for contact_id, new in enumerate(added, start=len(tables.contacts) + 1):
                tables.ids_by_email[record.workspace_id, new.email] = contact_id
                tables.contacts[contact_id] = ContactRecord(
                    contact_id, record.workspace_id, import_id, new, at
                )
            before = record.counts
            counts = ImportCounts(
                rows=before.rows + rows_read,
                added=before.added + len(added),
                rejected=before.rejected + rows_read - len(added),
            )
            tables.imports[import_id] = replace(record, counts=counts)
        return known

    def known_contacts(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, int]:
        """Return the import of each e-mail that the workspace has."""
        return _known(self._tables, workspace_id, emails)

    def finish_import(self, import_id: int, *, at: datetime) -> ImportCounts:
        """Close the import's record."""
        with self._transaction() as tables:
            record = replace(_import_row(tables, import_id), finished_at=at, state=ImportState.DONE)
            tables.imports[import_id] = record
        return record.counts

    def leads(self, workspace_id: int, contact_ids: Sequence[int]) -> Sequence[Lead]:
        """Return the contacts as they are sent."""
        tables = self._tables
        rows = [tables.contacts.get(contact_id) for contact_id in contact_ids]
        leads = [_lead(row, workspace_id) for row in rows]
        out = suppressed_among(tables, workspace_id, [lead.email for lead in leads])
        return [lead for lead in leads if lead.email not in out]


def _import_row(tables: Tables, import_id: int) -> ImportRecord:
    try:
        return tables.imports[import_id]
    except KeyError:
        raise Missing(f"There is no import {import_id}.", code="import_missing") from None


def _known(tables: Tables, workspace_id: int, emails: Collection[str]) -> dict[str, int]:
    ids = tables.ids_by_email
    return {
        email: tables.contacts[ids[workspace_id, email]].import_id
        for email in emails
        if (workspace_id, email) in ids
    }


def _lead(row: ContactRecord | None, workspace_id: int) -> Lead:
    if row is None or row.workspace_id != workspace_id:
        raise Missing("A contact to send does not exist.", code="contact_missing")
    return Lead(row.id, *row.contact)
