"""The way of a mailbox before it was a contact, in memory; when each thing was is not kept here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maverick_adapters.memory.tables import Tables, Transactions
from maverick_adapters.memory.verification import candidates_of
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import RawContact
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.views import TraceStep


class MemoryRawTraces(Transactions):
    """Satisfies ``RawTraces``."""

    def raw_trace(self, workspace_id: int, email: str) -> Sequence[TraceStep]:
        """Return what happened to the mailbox."""
        tables = self._tables
        settled = {
            row.candidate.raw_contact_id: tables.verification.verdicts.get(id_)
            for id_, row in candidates_of(tables, workspace_id)
        }
        return [
            step
            for row in tables.raw.contacts.values()
            if row.workspace_id == workspace_id
            and (row.contact.email or "").strip().lower() == email
            for step in _steps(tables, row.contact, settled.get(row.contact.id))
        ]


def _steps(tables: Tables, contact: RawContact, settled: Settled | None) -> Iterator[TraceStep]:
    yield TraceStep(None, "found", _where(tables, contact))
    code = tables.raw.verdicts.get(contact.id)
    if code is not None:
        by = f"by rules of version {tables.raw.versions[contact.id]}"
        is_kept = code == KEPT
        yield TraceStep(None, "kept" if is_kept else "filtered", by if is_kept else f"{code}, {by}")
    if settled is not None:
        what = "verified" if settled.mailable else "not mailable"
        yield TraceStep(None, what, f"{settled.verdict}: {settled.reason}")


def _where(tables: Tables, contact: RawContact) -> str:
    kind, id_ = contact.origin
    if kind is OriginKind.SCRAPE_RUN:
        name = tables.scraping.runs[id_].source.name
        return f"contact {contact.row_number} of source {name}"
    if kind is OriginKind.MASTER_LIST:
        return f"contact {contact.row_number} of refill {id_}"
    return f"row {contact.row_number} of {tables.imports[id_].file_name}"
