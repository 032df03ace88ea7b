"""The laws of the main job, as functions that anything can call on what is on record.

Named after reliability.md, Invariants. A ``Snapshot`` is everything that a store knows, as plain
values; ``held`` is what the destination says it holds. Each function returns the violations that it
finds, in words and by id, never with a contact's data; an empty list means that the law holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from maverick_core.pipeline.batch import BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything on record at one moment. ``accounts`` are what targets are reported from."""

    contacts: Sequence[ContactRow]
    batches: Sequence[BatchRow]
    members: Sequence[MemberRow]
    chunks: Sequence[ChunkRow]
    outcomes: Sequence[OutcomeRow]
    accounts: Mapping[tuple[int, str], TargetAccount]
    """By workspace id and month."""


Held = Mapping[int, frozenset[str]]
"""Normalised e-mails that the destination holds, by workspace id."""


class Books(Protocol):
    """Opens everything on record for checking; meant for tests, audits and small universes."""

    def snapshot(self) -> Snapshot:
        """Return all of it as it stands at one moment."""
        ...
