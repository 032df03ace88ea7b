"""Every bucket of a workspace, counted in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from maverick_adapters.memory.tables import Tables, Transactions
from maverick_adapters.memory.verification import candidates_of
from maverick_adapters.memory.views import contact_state
from maverick_core.pipeline.audit.ports import Stray
from maverick_core.pipeline.audit.rules import Buckets
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.filtering.codes import KEPT


class MemoryPipelineBooks(Transactions):
    """Satisfies ``PipelineBooks``."""

    def buckets(self, workspace_id: int) -> Buckets:
        """Count every bucket."""
        tables = self._tables
        raw = _raw_ids(tables, workspace_id)
        codes = Counter(tables.raw.verdicts[id_] for id_ in raw if id_ in tables.raw.verdicts)
        kept = codes.pop(KEPT, 0)
        candidates = candidates_of(tables, workspace_id)
        verdicts = tables.verification.verdicts
        settled = [verdicts[id_] for id_, _ in candidates if id_ in verdicts]
        mailable = _mailable(tables, workspace_id)
        contacts = [row for row in tables.contacts.values() if row.workspace_id == workspace_id]
        return Buckets(
            slug=tables.workspace_row(workspace_id).slug,
            raw=len(raw),
            raw_waiting=sum(id_ not in tables.raw.verdicts for id_ in raw),
            filtered=codes,
            kept=kept,
            candidates=len(candidates),
            candidates_waiting=sum(id_ not in verdicts for id_, _ in candidates),
            not_mailable=Counter(
                f"{row.verdict}/{row.reason}" for row in settled if not row.mailable
            ),
            mailable=sum(row.mailable for row in settled),
            brought_verified=sum(row.contact.email not in mailable.values() for row in contacts),
            contacts=len(contacts),
            states=Counter(_state(tables, row.id) for row in contacts),
        )

    def strays(self, workspace_id: int, *, limit: int) -> Sequence[Stray]:
        """Return what breaks the sums."""
        kinds = (
            _kept_without(self._tables, workspace_id),
            _kept_by_nobody(self._tables, workspace_id),
            _without_contact(self._tables, workspace_id),
        )
        return [stray for kind in kinds for stray in islice(kind, limit)]


def _raw_ids(tables: Tables, workspace_id: int) -> list[int]:
    return [id_ for id_, row in tables.raw.contacts.items() if row.workspace_id == workspace_id]


def _mailable(tables: Tables, workspace_id: int) -> dict[int, str]:
    verdicts = tables.verification.verdicts
    return {
        id_: row.candidate.email
        for id_, row in candidates_of(tables, workspace_id)
        if id_ in verdicts and verdicts[id_].mailable
    }


def _state(tables: Tables, contact_id: int) -> ContactState:
    batch_id = tables.places.get(contact_id)
    if batch_id is None:
        return ContactState.VERIFIED
    batch = tables.batches[batch_id]
    return contact_state(tables, batch, batch.members.index(contact_id), contact_id)


def _kept_without(tables: Tables, workspace_id: int) -> Iterator[Stray]:
    known = {row.candidate.raw_contact_id for _, row in candidates_of(tables, workspace_id)}
    for id_ in _raw_ids(tables, workspace_id):
        if tables.raw.verdicts.get(id_) == KEPT and id_ not in known:
            yield Stray("raw_contacts", id_, "kept, and no candidate")


def _kept_by_nobody(tables: Tables, workspace_id: int) -> Iterator[Stray]:
    for id_, row in candidates_of(tables, workspace_id):
        if tables.raw.verdicts.get(row.candidate.raw_contact_id) != KEPT:
            yield Stray("candidates", id_, "a candidate that nobody kept")


def _without_contact(tables: Tables, workspace_id: int) -> Iterator[Stray]:
    for id_, email in _mailable(tables, workspace_id).items():
        if (workspace_id, email) not in tables.ids_by_email:
            yield Stray("candidates", id_, "mailable, and no contact")
