"""What people look at: batches, their contacts, the way of one contact; reads, no decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.kernel.errors import Missing
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.workspaces.rules import Hold


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as a list shows it. Counts are contacts; ``accepted`` has not attachable ones in.

    ``updated_at`` is when it last moved; ``worker`` and ``lease_until`` are those of the last
    claim while it lasts. ``hold`` is the workspace's.
    """

    id: int
    slug: str
    month: str
    state: BatchState
    contacts: int
    accepted: int
    skipped: int
    rejected: int
    not_attachable: int
    fence: int
    claims: int
    worker: str | None
    lease_until: datetime | None
    failure_code: str
    failure_detail: str
    cancel_requested: bool
    hold: Hold | None
    created_at: datetime
    updated_at: datetime

    @property
    def settled(self) -> int:
        """Contacts that have their outcome."""
        return self.accepted + self.skipped + self.rejected

    @property
    def version(self) -> str:
        """A mark that moves with every change.

        Who takes the batch moves the fence, and every write the instant; two of one fence in one
        microsecond would be two answers of Email Bison, which change nothing that people decide on.
        """
        return batch_version(self.fence, self.updated_at)


def batch_version(fence: int, updated_at: datetime) -> str:
    """Return the version of a batch with this fence that was last changed then."""
    return f"{fence}-{round(updated_at.timestamp() * 1_000_000)}"


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
    """What a person decided about a batch, by itself or by an operation on many."""

    action: str
    by: str
    at: datetime
    reason: str
    operation_id: int | None = None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a batch with its state; ``reason`` says why it was not taken or attached.

    ``position`` is its place in the batch's frozen order, from 0. The state is what this batch
    knows: a released member is ``verified``, wherever it went since.
    """

    position: int
    contact_id: int
    email: str
    state: ContactState
    lead_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many members of a batch share a state and the words of its reason."""

    state: ContactState
    reason: str
    contacts: int


def by_frequency(count: ReasonCount) -> tuple[int, str, str]:
    """Return what reasons are sorted by, the most frequent first."""
    return -count.contacts, count.state, count.reason


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact of a workspace, where it is, and the batch that it is in."""

    id: int
    email: str
    first_name: str
    last_name: str | None
    company: str | None
    import_id: int
    verified_at: datetime
    state: ContactState
    batch_id: int | None
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


def no_contact() -> Missing:
    """Return the error that says that the workspace has no such contact."""
    return Missing(
        "The workspace has no such contact.",
        code="contact_missing",
        remedy="Check spelling and workspace; a rejected row never became a contact.",
    )


def no_batch(batch_id: int) -> Missing:
    """Return the error that says that there is no such batch."""
    return Missing(
        f"There is no batch {batch_name(batch_id)}.",
        code="batch_missing",
        remedy='List them with "maverick batches list".',
    )


class BatchViews(Protocol):
    """One batch or one contact, for people."""

    def batch(self, batch_id: int) -> BatchView:
        """Return one batch.

        Raises:
            Missing: ``batch_missing``.

        """
        ...

    def history(self, batch_id: int) -> tuple[Sequence[AttemptView], Sequence[DecisionView]]:
        """Return the batch's claims and the decisions about it, oldest first."""
        ...

    def members(
        self,
        batch_id: int,
        *,
        states: AbstractSet[ContactState] = frozenset(),
        after: int = -1,
        limit: int | None = None,
    ) -> Iterator[MemberView]:
        """Return the batch's members in their frozen order, optionally those in some states.

        Only those at positions behind ``after``, and at most ``limit``.

        Raises:
            Missing: ``batch_missing``.

        """
        ...

    def reasons(self, batch_id: int) -> Sequence[ReasonCount]:
        """Count the members that were not taken or not attached, most frequent reason first.

        Raises:
            Missing: ``batch_missing``.

        """
        ...

    def trace(self, workspace_id: int, email: str) -> Trace:
        """Return the way of the contact with this normalised e-mail.

        Raises:
            Missing: ``contact_missing``.

        """
        ...


class RawTraces(Protocol):
    """What happened before a mailbox was a contact."""

    def raw_trace(self, workspace_id: int, email: str) -> Sequence[TraceStep]:
        """Return every time the mailbox was found, and what became of it, oldest first.

        ``email`` is normalised; what was found is compared without white space around it and
        without regard to case. Empty where it never came as a raw contact.
        """
        ...


class ContactPages(Protocol):
    """Lists of contacts for people."""

    def contacts(
        self,
        workspace_id: int,
        *,
        state: ContactState | None = None,
        import_id: int | None = None,
        batch_id: int | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> Sequence[ContactView]:
        """Return the workspace's contacts in order of id, those with ids above ``after``.

        ``batch_id`` asks for those that are in the batch now, not for those it released.
        """
        ...
