"""What the memory store holds: rows that never change, in tables that are replaced as a whole.

A write works on a copy of the tables, and its clean end puts the copy in their place. So an
exception leaves nothing behind, and a read, which just takes the tables as they are, sees one
moment and waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from maverick_adapters.memory.import_tables import ImportRecord, ImportTables
from maverick_adapters.memory.master_tables import MasterTables
from maverick_adapters.memory.raw_tables import RawTables
from maverick_adapters.memory.scrape_tables import ScrapeTables
from maverick_adapters.memory.verification_tables import VerificationTables
from maverick_core.access.ports import Answer, AuditEntry
from maverick_core.access.rules import Key
from maverick_core.jobs.rules import Announcement, Job, Work, upload_work
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Clock
from maverick_core.notifications.incidents import Incident
from maverick_core.notifications.rules import NotificationState
from maverick_core.operations.rules import Operation
from maverick_core.pipeline.batch import CHUNK_SIZE, BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.views import AttemptView, DecisionView
from maverick_core.targets.rules import TargetChange
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import Hold, Workspace


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A stored token; nothing here outlives the process, so it only names a key."""

    token: str = field(repr=False)
    key_id: str
    identity: TokenIdentity
    set_at: datetime
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request that runs, or was answered."""

    fingerprint: bytes
    began_at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact and the import it came with."""

    id: int
    workspace_id: int
    import_id: int
    contact: NewContact = field(repr=False)
    added_at: datetime


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch with its frozen members, the states of its chunks, and its history.

    Chunk ``n`` is the ``n``-th run of ``chunk_size`` members, from 0.
    """

    id: int
    workspace_id: int
    month: str
    campaign_id: int | None
    members: tuple[int, ...]
    chunk_size: int
    chunks: tuple[ChunkState, ...]
    created_at: datetime
    updated_at: datetime
    state: BatchState = BatchState.READY
    accepted: int = 0
    skipped: int = 0
    rejected: int = 0
    not_attachable: int = 0
    fence: int = 0
    claims: int = 0
    lease_until: datetime | None = None
    failure_code: str = ""
    failure_detail: str = ""
    cancel_requested: bool = False
    attempts: tuple[AttemptView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()

    @property
    def unsettled(self) -> int:
        """Members without an outcome, by the sums."""
        return len(self.members) - self.accepted - self.skipped - self.rejected

    def chunk_members(self, number: int) -> tuple[int, ...]:
        """Return the members that chunk ``number`` carries, in their frozen order."""
        start = number * self.chunk_size
        return self.members[start : start + self.chunk_size]

    def with_chunk(self, number: int, state: ChunkState) -> BatchRecord:
        """Return the batch with one chunk in another state."""
        chunks = (*self.chunks[:number], state, *self.chunks[number + 1 :])
        return replace(self, chunks=chunks)


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What became of a contact: a row of the ledger."""

    batch_id: int
    outcome: Outcome
    lead_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnnouncementRecord:
    """An announcement and how far it is."""

    announcement: Announcement
    created_at: datetime
    held_until: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """An incident and how far people have been told of it."""

    id: int
    incident: Incident
    created_at: datetime
    due_at: datetime
    state: NotificationState = NotificationState.PENDING
    fence: int = 0
    claims: int = 0
    limits: int = 0
    lease_until: datetime | None = None
    posted_at: datetime | None = None
    ended_at: datetime | None = None
    reference: str = ""
    code: str = ""
    detail: str = ""
    resent_by: str = ""


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation and who may do it."""

    operation: Operation
    fence: int = 0
    claims: int = 0
    lease_until: datetime | None = None


@dataclass(slots=True)
class Tables:
    """All rows by id. ``targets`` are by workspace and month, ``outcomes`` by contact.

    ``places`` is the batch that a contact is a member of, and was not released from. ``outbox`` is
    by what makes each announcement unique, ``jobs`` by the message's id.
    """

    workspaces: dict[int, Workspace] = field(default_factory=dict)
    tokens: dict[int, TokenRecord] = field(default_factory=dict)
    imports: dict[int, ImportRecord] = field(default_factory=dict)
    contacts: dict[int, ContactRecord] = field(default_factory=dict)
    ids_by_email: dict[tuple[int, str], int] = field(default_factory=dict)
    targets: dict[tuple[int, str], int] = field(default_factory=dict)
    target_changes: dict[tuple[int, str], tuple[TargetChange, ...]] = field(default_factory=dict)
    batches: dict[int, BatchRecord] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    outcomes: dict[int, OutcomeRecord] = field(default_factory=dict)
    raw: RawTables = field(default_factory=RawTables)
    importing: ImportTables = field(default_factory=ImportTables)
    scraping: ScrapeTables = field(default_factory=ScrapeTables)
    verification: VerificationTables = field(default_factory=VerificationTables)
    master: MasterTables = field(default_factory=MasterTables)
    outbox: dict[str, AnnouncementRecord] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    notifications: dict[int, NotificationRow] = field(default_factory=dict)
    operations: dict[int, OperationRow] = field(default_factory=dict)
    keys: dict[bytes, Key] = field(default_factory=dict)
    audit_log: dict[int, AuditEntry] = field(default_factory=dict)
    requests: dict[tuple[int, str], RequestRecord] = field(default_factory=dict)

    def copy(self) -> Tables:
        """Return tables of their own with the same rows."""
        return Tables(*(getattr(self, table.name).copy() for table in fields(self)))

    def workspace_row(self, workspace_id: int) -> Workspace:
        """Return the workspace, or raise the domain's ``Missing``."""
        try:
            return self.workspaces[workspace_id]
        except KeyError:
            raise Missing("There is no such workspace.", code="workspace_missing") from None

    def batch_row(self, batch_id: int) -> BatchRecord:
        """Return the batch, or raise the domain's ``Missing``."""
        try:
            return self.batches[batch_id]
        except KeyError:
            raise Missing(
                f"There is no batch {batch_name(batch_id)}.", code="batch_missing"
            ) from None

    def free_contacts(self, workspace_id: int) -> Iterator[int]:
        """Yield the ids of contacts in no batch and without an outcome, in order of id."""
        for row in self.contacts.values():
            if row.workspace_id == workspace_id and row.id not in self.places:
                yield row.id

    def without_outcome(self, contact_ids: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of ``contact_ids`` that have no outcome yet, in the same order."""
        return tuple(contact for contact in contact_ids if contact not in self.outcomes)

    def in_doubt(self, batch: BatchRecord) -> int:
        """Count the members that were sent and not answered."""
        return sum(
            len(self.without_outcome(batch.chunk_members(number)))
            for number, state in enumerate(batch.chunks)
            if state is ChunkState.SENT
        )

    def to_attach(self, batch: BatchRecord, number: int) -> tuple[tuple[int, int], ...]:
        """Return contact and lead of those in a chunk that were taken and wait for the campaign."""
        if batch.campaign_id is None or batch.chunks[number] is ChunkState.ATTACHED:
            return ()
        rows = ((contact, self.outcomes.get(contact)) for contact in batch.chunk_members(number))
        return tuple(
            (contact, row.lead_id)
            for contact, row in rows
            if row and row.outcome is Outcome.ACCEPTED and row.lead_id is not None
        )

    def something_attached(self, batch: BatchRecord) -> bool:
        """Say whether leads of the batch are in its campaign for certain."""
        attached = [n for n, state in enumerate(batch.chunks) if state is ChunkState.ATTACHED]
        rows = (self.outcomes.get(id_) for n in attached for id_ in batch.chunk_members(n))
        taken = sum(row is not None and row.lead_id is not None for row in rows)
        return taken > batch.not_attachable

    def release(self, batch: BatchRecord) -> None:
        """Free the members without an outcome for other batches."""
        for contact in self.without_outcome(batch.members):
            del self.places[contact]

    def announce(self, batch: BatchRecord) -> bool:
        """Announce the batch's next upload; return False where that was done already."""
        return self.announce_work(upload_work(batch.id, batch.fence), since=batch.updated_at)

    def announce_work(self, work: Work, *, since: datetime) -> bool:
        """Announce work that waits since then; return False where that was done already."""
        if work.dedupe in self.outbox:
            return False
        number = max((row.announcement.id for row in self.outbox.values()), default=0) + 1
        announcement = Announcement(number, work.queue, work.actor, work.arg)
        self.outbox[work.dedupe] = AnnouncementRecord(announcement, since)
        return True

    def token_set_at(self, workspace_id: int) -> datetime | None:
        """Return when the workspace's token was stored, None without one."""
        token = self.tokens.get(workspace_id)
        return token.set_at if token else None

    def refuse_token(self, workspace_id: int, set_at: datetime | None, at: datetime) -> None:
        """Put the workspace on hold, unless it has another token than that of ``set_at``."""
        token = self.tokens.get(workspace_id)
        if token and token.set_at == set_at:
            self.tokens[workspace_id] = replace(token, refused_at=at)
            workspace = self.workspaces[workspace_id]
            self.workspaces[workspace_id] = replace(workspace, hold=Hold.TOKEN_REFUSED)


class Transactions:
    """The tables behind one lock for those who write."""

    def __init__(self, clock: Clock, *, chunk_size: int = CHUNK_SIZE) -> None:
        """Start empty. Leases run by ``clock``; ``chunk_size`` is the leads of one request."""
        self._clock = clock
        self._chunk_size = chunk_size
        self._lock = threading.Lock()
        self._tables = Tables()

    @contextmanager
    def _transaction(self) -> Iterator[Tables]:
        """Write alone: a clean exit keeps what was done to the tables, an exception drops it."""
        with self._lock:
            draft = self._tables.copy()
            yield draft
            self._tables = draft
