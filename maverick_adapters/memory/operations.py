"""Operations, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from maverick_adapters.memory.jobs import announce_again
from maverick_adapters.memory.tables import OperationRow, Tables, Transactions
from maverick_core.jobs.rules import Work
from maverick_core.kernel.errors import Missing
from maverick_core.operations.rules import (
    MAX_CLAIMS,
    NO_END,
    NewOperation,
    Operation,
    OperationClaim,
    OperationState,
    Problem,
    StaleOperation,
    about,
    no_operation,
    operation_key,
    operation_work,
)

_OVER = frozenset({OperationState.SUCCEEDED, OperationState.FAILED})


class MemoryOperations(Transactions):
    """Satisfies ``Operations``, ``OperationRecord`` and ``WaitingOperations``."""

    def add_operation(self, new: NewOperation, *, at: datetime) -> Operation:
        """Put it on record and announce it."""
        with self._transaction() as tables:
            return _add(tables, new, at)

    def add_operation_once(self, new: NewOperation, *, at: datetime) -> tuple[Operation, bool]:
        """Put it on record, unless one like it is open."""
        asked = new.kind, new.slug, about(new.kind, new.arguments)
        with self._transaction() as tables:
            for each in _open(tables):
                if (each.kind, each.slug, about(each.kind, each.arguments)) == asked:
                    return each, False
            return _add(tables, new, at), True

    def open_operations(self) -> Sequence[Operation]:
        """Return what is queued or running."""
        return list(_open(self._tables))

    def operation(self, operation_id: int) -> Operation:
        """Return one."""
        row = self._tables.operations.get(operation_id)
        if row is None:
            raise no_operation(operation_id)
        return row.operation

    def operations(
        self,
        *,
        slug: str | None = None,
        state: OperationState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Operation]:
        """Return operations, the newest first."""
        found = (row.operation for row in reversed(self._tables.operations.values()))
        matching = (
            each
            for each in found
            if slug in {None, each.slug}
            and state in {None, each.state}
            and (before is None or each.id < before)
        )
        return list(islice(matching, limit))

    def claim_operation(
        self, operation_id: int, *, worker: str, lease_seconds: float
    ) -> OperationClaim | str:
        """Take it, or say why not."""
        del worker
        with self._transaction() as tables:
            row, now = tables.operations.get(operation_id), self._clock.now()
            if row is None:
                return "missing"
            if row.operation.state in _OVER:
                return "over"
            if not _is_waiting(row, now):
                return "busy"
            tables.outbox.pop(operation_key(operation_id, row.fence), None)
            if row.claims >= MAX_CLAIMS:
                _end(tables, row, now, problem=Problem("too_many_claims", NO_END))
                return "too_many_claims"
            taken = replace(
                row.operation,
                state=OperationState.RUNNING,
                done=0,
                started_at=now,
                updated_at=now,
            )
            until = now + timedelta(seconds=lease_seconds)
            tables.operations[operation_id] = OperationRow(
                taken, row.fence + 1, row.claims + 1, until
            )
        return OperationClaim(
            taken.id, taken.kind, taken.slug, taken.arguments, taken.by, row.fence + 1
        )

    def advance_operation(
        self, claim: OperationClaim, *, done: int, total: int, lease_seconds: float
    ) -> None:
        """Note how far it is."""
        with self._transaction() as tables:
            row, now = claimed_operation(tables, claim), self._clock.now()
            operation = replace(row.operation, done=done, total=total, updated_at=now)
            until = now + timedelta(seconds=lease_seconds)
            gets_on = row.operation.done < done or not lease_seconds
            claims = 0 if gets_on else row.claims
            tables.operations[claim.id] = OperationRow(operation, row.fence, claims, until)

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End it well."""
        with self._transaction() as tables:
            succeed(tables, claim, result, done=done, at=self._clock.now())

    def fail_operation(self, claim: OperationClaim, problem: Problem) -> None:
        """End it with the reason."""
        with self._transaction() as tables:
            _end(tables, claimed_operation(tables, claim), self._clock.now(), problem=problem)

    def waiting_operations(self, *, limit: int) -> Sequence[Operation]:
        """Return what waits."""
        waiting = _waiting(self._tables, self._clock.now())
        return [row.operation for row in islice(waiting, limit)]

    def announce_operations(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits unannounced, or was announced long ago."""
        now = self._clock.now()
        long_ago = now - timedelta(seconds=patience_seconds)
        with self._transaction() as tables:
            works = [_work(row) for row in islice(_waiting(tables, now), limit)]
            return sum(
                tables.announce_work(work, since=now)
                or announce_again(tables, work.dedupe, long_ago)
                for work in works
            )


def _add(tables: Tables, new: NewOperation, at: datetime) -> Operation:
    slugs = {workspace.slug for workspace in tables.workspaces.values()}
    if new.slug is not None and new.slug not in slugs:
        raise Missing(f"There is no workspace called {new.slug}.", code="workspace_missing")
    operation = Operation(
        id=len(tables.operations) + 1,
        kind=new.kind,
        slug=new.slug,
        arguments=dict(new.arguments),
        by=new.by,
        state=OperationState.QUEUED,
        done=0,
        total=None,
        result=None,
        problem=None,
        created_at=at,
        started_at=None,
        updated_at=at,
        finished_at=None,
    )
    tables.operations[operation.id] = OperationRow(operation)
    tables.announce_work(operation_work(operation.id, operation.kind, 0), since=at)
    return operation


def _open(tables: Tables) -> Iterator[Operation]:
    every = (row.operation for row in tables.operations.values())
    return (each for each in every if each.state not in _OVER)


def _waiting(tables: Tables, now: datetime) -> Iterator[OperationRow]:
    return (row for row in tables.operations.values() if _is_waiting(row, now))


def _work(row: OperationRow) -> Work:
    return operation_work(row.operation.id, row.operation.kind, row.fence)


def _is_waiting(row: OperationRow, now: datetime) -> bool:
    if row.operation.state is OperationState.RUNNING:
        return row.lease_until is not None and row.lease_until <= now
    return row.operation.state is OperationState.QUEUED


def succeed(
    tables: Tables, claim: OperationClaim, result: Mapping[str, Any], *, done: int, at: datetime
) -> None:
    """End an operation well, in the transaction of the last of what it did."""
    row = claimed_operation(tables, claim)
    counted = replace(row.operation, done=done, total=done, result=dict(result))
    _end(tables, replace(row, operation=counted), at)


def claimed_operation(tables: Tables, claim: OperationClaim) -> OperationRow:
    """Return an operation's row where the claim is still valid.

    Raises:
        StaleOperation: another worker has it.

    """
    row = tables.operations[claim.id]
    if row.fence != claim.fence or row.operation.state is not OperationState.RUNNING:
        raise StaleOperation(claim.id)
    return row


def _end(
    tables: Tables, row: OperationRow, at: datetime, *, problem: Problem | None = None
) -> None:
    state = OperationState.FAILED if problem else OperationState.SUCCEEDED
    ended = replace(row.operation, state=state, problem=problem, updated_at=at, finished_at=at)
    tables.operations[row.operation.id] = replace(row, operation=ended, lease_until=None)
