"""Targets, the figures held against them, and batches planned into the room that is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from maverick_adapters.memory.operations import claimed_operation, succeed
from maverick_adapters.memory.suppressions import suppressed_among
from maverick_adapters.memory.tables import BatchRecord, Tables, Transactions
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.time import Month
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.batch import LIVE, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.targets.rules import (
    TargetAccount,
    TargetChange,
    check_target_version,
    target_version,
)

_TAKEN = frozenset({Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE})


class MemoryTargets(Transactions):
    """Satisfies ``Targets`` and ``BatchPlans``."""

    def set_target(
        self,
        workspace_id: int,
        month: Month,
        contacts: int,
        *,
        at: datetime,
        by: str = "",
        reason: str = "",
        version: int | None = None,
    ) -> None:
        """Set the target and keep the change."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            key = workspace_id, str(month)
            before, history = tables.targets.get(key), tables.target_changes.get(key, ())
            check_target_version(version, target_version(history))
            if before == contacts:
                return
            number = 1 + sum(map(len, tables.target_changes.values()))
            change = TargetChange(number, before, contacts, by, at, reason)
            tables.target_changes[key] = (*history, change)
            tables.targets[key] = contacts

    def target_history(self, workspace_id: int, month: Month) -> Sequence[TargetChange]:
        """Return the changes, oldest first."""
        return self._tables.target_changes.get((workspace_id, str(month)), ())

    def target_months(
        self, workspace_id: int, *, before: Month | None = None, limit: int = 50
    ) -> Sequence[Month]:
        """Return the months with a target, the last first."""
        targets = self._tables.targets
        months = [Month.parse(month) for owner, month in targets if owner == workspace_id]
        found = [month for month in months if before is None or month < before]
        return sorted(found, reverse=True)[:limit]

    def account(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the account by the batches' sums."""
        return account(self._tables, workspace_id, str(month))

    def recount(self, workspace_id: int, month: Month) -> TargetAccount:
        """Return the account by the single outcomes."""
        tables = self._tables
        batches = _batches(tables, workspace_id, str(month))
        outcomes = Counter(
            row.outcome
            for batch in batches
            for member in batch.members
            if (row := tables.outcomes.get(member)) and row.batch_id == batch.id
        )
        live = [batch for batch in batches if batch.state in LIVE]
        return TargetAccount(
            target=tables.targets.get((workspace_id, str(month))),
            uploaded=sum(outcomes[outcome] for outcome in _TAKEN),
            reserved=sum(len(tables.without_outcome(batch.members)) for batch in live),
            skipped=outcomes[Outcome.SKIPPED],
            rejected=outcomes[Outcome.REJECTED],
            in_doubt=sum(tables.in_doubt(batch) for batch in live),
            not_attachable=outcomes[Outcome.NOT_ATTACHABLE],
        )

    def uploads(self, workspace_id: int, month: Month) -> Sequence[tuple[datetime, int]]:
        """Return the accepted contacts by the instant of their outcome."""
        tables = self._tables
        batches = {batch.id for batch in _batches(tables, workspace_id, str(month))}
        taken = Counter(
            row.at
            for row in tables.outcomes.values()
            if row.batch_id in batches and row.outcome in _TAKEN
        )
        return sorted(taken.items())

    def supply(self, workspace_id: int) -> int:
        """Count the contacts that a plan could take."""
        return sum(1 for _ in self._tables.free_contacts(workspace_id))

    @contextmanager
    def reserve(
        self, workspace_id: int, month: Month, *, operation: OperationClaim | None = None
    ) -> Iterator[MemoryReservation]:
        """Lock the whole store, and with it the month."""
        with self._transaction() as tables:
            if operation is not None:
                claimed_operation(tables, operation)
            if (workspace_id, str(month)) not in tables.targets:
                raise Missing(
                    f"No target is set for {month}.",
                    code="target_missing",
                    remedy=f'Set one with "maverick targets set WORKSPACE {month} CONTACTS".',
                )
            now = self._clock.now()
            yield MemoryReservation(tables, workspace_id, str(month), self._chunk_size, now)


class MemoryReservation:
    """A month inside a transaction."""

    def __init__(
        self, tables: Tables, workspace_id: int, month: str, chunk_size: int, now: datetime
    ) -> None:
        """Take the account as it stands."""
        self._tables = tables
        self._workspace_id = workspace_id
        self._month = month
        self._chunk_size = chunk_size
        self._now = now
        self._account = account(tables, workspace_id, month)

    @property
    def account(self) -> TargetAccount:
        """The account as it stood when the lock was had."""
        return self._account

    def eligible(self, *, after: int, limit: int) -> Sequence[int]:
        """Return the next contacts that are free."""
        tables = self._tables
        free = [id_ for id_ in tables.free_contacts(self._workspace_id) if id_ > after]
        emails = {id_: tables.contacts[id_].contact.email for id_ in free}
        out = suppressed_among(tables, self._workspace_id, emails.values())
        return [id_ for id_ in free if emails[id_] not in out][:limit]

    def add_batches(self, batches: Sequence[Sequence[int]], *, campaign_id: int | None) -> range:
        """Add ready batches and give their members their place."""
        first = len(self._tables.batches) + 1
        for batch_id, members in enumerate(batches, start=first):
            self._place(batch_id, members)
            chunks = -(-len(members) // self._chunk_size)
            self._tables.batches[batch_id] = BatchRecord(
                id=batch_id,
                workspace_id=self._workspace_id,
                month=self._month,
                campaign_id=campaign_id,
                members=tuple(members),
                chunk_size=self._chunk_size,
                chunks=(ChunkState.PLANNED,) * chunks,
                created_at=self._now,
                updated_at=self._now,
            )
            self._tables.announce(self._tables.batches[batch_id])
        return range(first, first + len(batches))

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End the operation with the plan."""
        succeed(self._tables, claim, result, done=done, at=self._now)

    def _place(self, batch_id: int, members: Sequence[int]) -> None:
        for contact in members:
            if self._tables.places.setdefault(contact, batch_id) != batch_id:
                raise AssertionError("a contact is in one live batch at most")


def account(tables: Tables, workspace_id: int, month: str) -> TargetAccount:
    """Return the month's account by the batches' sums."""
    batches = _batches(tables, workspace_id, month)
    live = [batch for batch in batches if batch.state in LIVE]
    return TargetAccount(
        target=tables.targets.get((workspace_id, month)),
        uploaded=sum(batch.accepted for batch in batches),
        reserved=sum(batch.unsettled for batch in live),
        skipped=sum(batch.skipped for batch in batches),
        rejected=sum(batch.rejected for batch in batches),
        in_doubt=sum(tables.in_doubt(batch) for batch in live),
        not_attachable=sum(batch.not_attachable for batch in batches),
    )


def _batches(tables: Tables, workspace_id: int, month: str) -> list[BatchRecord]:
    return [
        batch
        for batch in tables.batches.values()
        if batch.workspace_id == workspace_id and batch.month == month
    ]
