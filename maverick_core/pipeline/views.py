"""What people look at: batches, their contacts, the way of one contact; reads, no decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as a list shows it. Counts are contacts; ``accepted`` has not attachable ones in."""

    id: int
    slug: str
    month: str
    state: BatchState
    contacts: int
    accepted: int
    skipped: int
    rejected: int
    not_attachable: int
    claims: int
    failure_code: str
    failure_detail: str
    cancel_requested: bool
    created_at: datetime
    updated_at: datetime

    @property
    def settled(self) -> int:
        """Contacts that have their outcome."""
        return self.accepted + self.skipped + self.rejected


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One claim of a batch; ``result`` is empty while it runs, or when it died."""

    fence: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    result: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a person decided about a batch."""

    action: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a batch with its state; ``reason`` says why it was not taken or attached.

    The state is what this batch knows: a released member is ``verified``, wherever it went since.
    """

    contact_id: int
    email: str
    state: ContactState
    lead_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One thing that happened to a contact, in words."""

    at: datetime | None
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole way of a contact, and where it is now."""

    contact_id: int
    email: str
    state: ContactState
    batch_id: int | None
    steps: Sequence[TraceStep]


class BatchViews(Protocol):
    """Reads for people."""

    def batches(
        self,
        *,
        slug: str | None = None,
        month: str | None = None,
        state: BatchState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[BatchView]:
        """Return batches that match, newest first, with ids below ``before``."""
        ...

    def batch(self, batch_id: int) -> BatchView:
        """Return one batch.

        Raises:
            Missing: ``batch_missing``.

        """
        ...

    def history(self, batch_id: int) -> tuple[Sequence[AttemptView], Sequence[DecisionView]]:
        """Return the batch's claims and the decisions about it, oldest first."""
        ...

    def members(self, batch_id: int, *, state: ContactState | None = None) -> Iterator[MemberView]:
        """Return the batch's members in their frozen order, optionally those in one state."""
        ...

    def trace(self, workspace_id: int, email: str) -> Trace:
        """Return the way of the contact with this normalised e-mail.

        Raises:
            Missing: ``contact_missing``.

        """
        ...
