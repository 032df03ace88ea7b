"""What the laws are held against: everything on record, and what the destination holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.targets.rules import TargetAccount


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact on record."""

    id: int
    workspace_id: int
    email: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch on record with its sums."""

    id: int
    workspace_id: int
    month: str
    state: BatchState
    campaign_id: int | None
    contacts: int
    accepted: int
    skipped: int
    rejected: int
    not_attachable: int
    fence: int
    claims: int
    failure_code: str
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A contact's membership; ``released`` when its batch was cancelled before its turn."""

    batch_id: int
    position: int
    contact_id: int
    chunk: int
    released: bool


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk on record."""

    batch_id: int
    number: int
    state: ChunkState
    contacts: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An outcome on record: the ledger's row."""

    contact_id: int
    batch_id: int
    outcome: Outcome
    lead_id: int | None
    may_be_held: bool = False
    """Skipped because it was suppressed while it was in doubt: nobody asked what became of it."""


@dataclass(frozen=True)
class Snapshot:
    """Everything on record at one moment. ``accounts`` are what targets are reported from.

    The indexes below are made once, when a law first asks, so that all laws together stay cheap.
    """

    contacts: Sequence[ContactRow]
    batches: Sequence[BatchRow]
    members: Sequence[MemberRow]
    chunks: Sequence[ChunkRow]
    outcomes: Sequence[OutcomeRow]
    accounts: Mapping[tuple[int, str], TargetAccount]
    """By workspace id and month."""

    @cached_property
    def contact(self) -> Mapping[int, ContactRow]:
        """Contacts by id."""
        return {row.id: row for row in self.contacts}

    @cached_property
    def batch(self) -> Mapping[int, BatchRow]:
        """Batches by id."""
        return {row.id: row for row in self.batches}

    @cached_property
    def chunk(self) -> Mapping[tuple[int, int], ChunkRow]:
        """Chunks by batch id and number."""
        return {(row.batch_id, row.number): row for row in self.chunks}

    @cached_property
    def outcome(self) -> Mapping[int, OutcomeRow]:
        """Outcomes by contact id."""
        return {row.contact_id: row for row in self.outcomes}

    @cached_property
    def counted(self) -> Sequence[OutcomeRow]:
        """Outcomes that count against a target: the ledger."""
        return [row for row in self.outcomes if row.outcome in TAKEN]

    @cached_property
    def places(self) -> Mapping[int, Sequence[ContactState]]:
        """Every bucket that the record puts a contact in, by id: one each, if all is well."""
        places: dict[int, list[ContactState]] = {row.id: [] for row in self.contacts}
        explained = set()
        for member in self.members:
            row = self.outcome.get(member.contact_id)
            if member.released:
                continue
            if row and row.batch_id == member.batch_id:
                explained.add(member.contact_id)
                places[member.contact_id].append(_BUCKETS[row.outcome])
            else:
                places[member.contact_id].append(self._unsettled(member))
        for row in self.outcomes:
            if row.contact_id not in explained:
                places[row.contact_id].append(_BUCKETS[row.outcome])
        return {contact: states or [ContactState.VERIFIED] for contact, states in places.items()}

    def _unsettled(self, member: MemberRow) -> ContactState:
        planned = self.chunk[member.batch_id, member.chunk].state is ChunkState.PLANNED
        return ContactState.BATCHED if planned else ContactState.IN_DOUBT


_BUCKETS: Final[Mapping[Outcome, ContactState]] = {
    Outcome.ACCEPTED: ContactState.UPLOADED,
    Outcome.NOT_ATTACHABLE: ContactState.NOT_ATTACHABLE,
    Outcome.SKIPPED: ContactState.SKIPPED,
    Outcome.REJECTED: ContactState.REJECTED,
}

TAKEN: Final = frozenset({Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE})
"""The outcomes of contacts that the destination has (reliability.md, decision 6)."""


Held = Mapping[int, frozenset[str]]
"""Normalised e-mails that the destination holds, by workspace id."""

Enrolled = Mapping[int, frozenset[str]]
"""Normalised e-mails that the destination has in a campaign, by campaign id."""


class Books(Protocol):
    """Opens everything on record for checking; meant for tests, audits and small universes."""

    def snapshot(self) -> Snapshot:
        """Return all of it as it stands at one moment."""
        ...
