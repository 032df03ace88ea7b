"""The master list in memory: told page by page, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from maverick_adapters.memory.tables import BatchRecord, Tables, Transactions
from maverick_adapters.memory.verification import candidates_of
from maverick_core.pipeline.master_fill.ports import MasterStats, MasterView
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    Person,
    SeenAs,
    Sighting,
    not_in_list,
)
from maverick_core.pipeline.raw import Origin, OriginKind


class MemoryMaster(Transactions):
    """Satisfies ``MasterList`` and ``MasterViews``."""

    @contextmanager
    def sighting_page(
        self, workspace_id: int, seen_as: SeenAs, *, limit: int
    ) -> Iterator[MemorySightingPage]:
        """Hold the whole store, and with it the page."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            yield MemorySightingPage(tables, workspace_id, seen_as, limit)

    def moved_batches(self) -> Sequence[int]:
        """Return the batches whose sums are not those that were told."""
        told = self._tables.master.batches
        batches = self._tables.batches.values()
        return [batch.id for batch in batches if told.get(batch.id, (0, 0)) != _sums(batch)]

    @contextmanager
    def outcome_page(self, batch_id: int) -> Iterator[MemoryOutcomePage]:
        """Hold the whole store, and with it the outcomes."""
        with self._transaction() as tables:
            yield MemoryOutcomePage(tables, tables.batch_row(batch_id))

    def forget_master(self) -> None:
        """Empty the list and its marks."""
        with self._transaction() as tables:
            for rows in (tables.master.contacts, tables.master.told, tables.master.batches):
                rows.clear()

    def master_contact(self, email: str) -> MasterView:
        """Return what is said of a mailbox."""
        contact = self._tables.master.contacts.get(email)
        if contact is None:
            raise not_in_list()
        believed = self._tables.verification.findings.get(email)
        return MasterView(contact, believed.finding.verdict if believed else None)

    def master_stats(self) -> MasterStats:
        """Count the list."""
        contacts = self._tables.master.contacts.values()
        outcomes = Counter(str(each.outcome) for each in contacts if each.outcome is not None)
        return MasterStats(
            mailboxes=len(contacts),
            shared=sum(each.workspaces > 1 for each in contacts),
            uploaded=sum(each.uploaded_at is not None for each in contacts),
            outcomes=outcomes,
        )


class MemorySightingPage:
    """Candidates or contacts of a workspace that were not told, inside a transaction."""

    def __init__(self, tables: Tables, workspace_id: int, seen_as: SeenAs, limit: int) -> None:
        """Take them behind the mark."""
        self._tables = tables
        self._key = workspace_id, seen_as
        told = tables.master.told
        after = told.get(self._key, 0)
        held = {
            event.email
            for other in SeenAs
            if other is not seen_as
            for id_, event in _sightings(tables, workspace_id, other)
            if id_ <= told.get((workspace_id, other), 0)
        }
        rows = [row for row in _sightings(tables, workspace_id, seen_as) if row[0] > after][:limit]
        self._last = rows[-1][0] if rows else after
        self._events = [event._replace(new_there=event.email not in held) for _, event in rows]

    @property
    def events(self) -> Sequence[Sighting]:
        """What is to be told."""
        return self._events

    @property
    def known(self) -> Mapping[str, MasterContact]:
        """What the list says so far."""
        return _known(self._tables, self._events)

    def keep(self, contacts: Iterable[MasterContact]) -> None:
        """Put it on record and move the mark."""
        master = self._tables.master
        master.contacts |= {contact.email: contact for contact in contacts}
        master.told[self._key] = self._last


class MemoryOutcomePage:
    """The outcomes of a batch inside a transaction."""

    def __init__(self, tables: Tables, batch: BatchRecord) -> None:
        """Take them as they are."""
        self._tables = tables
        self._batch = batch
        self._events = [
            Happened(tables.contacts[id_].contact.email, batch.workspace_id, row.outcome, row.at)
            for id_ in batch.members
            if (row := tables.outcomes.get(id_)) and row.batch_id == batch.id
        ]

    @property
    def events(self) -> Sequence[Happened]:
        """What is to be told."""
        return self._events

    @property
    def known(self) -> Mapping[str, MasterContact]:
        """What the list says so far."""
        return _known(self._tables, self._events)

    def keep(self, contacts: Iterable[MasterContact]) -> None:
        """Put it on record with the sums."""
        master = self._tables.master
        master.contacts |= {contact.email: contact for contact in contacts}
        master.batches[self._batch.id] = _sums(self._batch)


def _known(
    tables: Tables, events: Sequence[Sighting] | Sequence[Happened]
) -> Mapping[str, MasterContact]:
    contacts = tables.master.contacts
    return {each.email: contacts[each.email] for each in events if each.email in contacts}


def _sums(batch: BatchRecord) -> tuple[int, int]:
    return batch.accepted + batch.skipped + batch.rejected, batch.not_attachable


def _sightings(
    tables: Tables, workspace_id: int, seen_as: SeenAs
) -> Iterator[tuple[int, Sighting]]:
    if seen_as is SeenAs.CANDIDATE:
        for id_, row in candidates_of(tables, workspace_id):
            person = Person(*(getattr(row.candidate, name) for name in Person._fields))
            origin = tables.raw.contacts[row.candidate.raw_contact_id].contact.origin
            email = row.candidate.email
            yield id_, Sighting(email, workspace_id, origin, row.kept_at, person, new_there=True)
        return
    for contact in tables.contacts.values():
        if contact.workspace_id == workspace_id:
            new = contact.contact
            person = Person(new.first_name, new.last_name, new.title, new.company)
            origin = Origin(OriginKind.CSV_IMPORT, contact.import_id)
            at = contact.added_at
            yield (
                contact.id,
                Sighting(new.email, workspace_id, origin, at, person, new_there=True),
            )
