"""Operations: put on record and announced, claimed, ended once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    case,
    cast,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.announcing import announce_work, unannounce
from maverick_adapters.sql.store.outbox import OutboxPart
from maverick_adapters.sql.store.workspaces import not_called
from maverick_adapters.sql.tables import operations, workspaces
from maverick_core.operations.rules import (
    MAX_CLAIMS,
    NO_END,
    NewOperation,
    Operation,
    OperationClaim,
    OperationKind,
    OperationState,
    Problem,
    StaleOperation,
    about,
    no_operation,
    operation_key,
    operation_work,
)

_row = operations.c
_PLAIN: Final = (
    "id",
    "by",
    "done",
    "total",
    "created_at",
    "started_at",
    "updated_at",
    "finished_at",
)
_KEY: Final[ColumnElement[str]] = (
    literal("operation:", Text) + cast(_row.id, Text) + ":" + cast(_row.fence, Text)
)
"""``operation_key`` in SQL."""
_OVER: Final = (OperationState.SUCCEEDED, OperationState.FAILED)


class OperationsPart(OutboxPart):
    """Satisfies ``Operations``, ``OperationRecord`` and ``WaitingOperations``."""

    def add_operation(self, new: NewOperation, *, at: datetime) -> Operation:
        """Put it on record and announce it; see ``Operations.add_operation``."""
        with self._database.write() as connection:
            return _add(connection, self._dialect, new, at)

    def add_operation_once(self, new: NewOperation, *, at: datetime) -> tuple[Operation, bool]:
        """Put it on record unless one like it is open; see ``Operations.add_operation_once``.

        Those who ask for one kind and workspace take turns.
        """
        subject = about(new.kind, new.arguments)
        mine = _open().where(
            _row.kind == new.kind, workspaces.c.slug.is_not_distinct_from(new.slug)
        )
        with self._database.write() as connection:
            self._dialect.take_turn(connection, f"operation {new.kind} of {new.slug}")
            for found in map(_operation, connection.execute(mine).mappings()):
                if about(found.kind, found.arguments) == subject:
                    return found, False
            return _add(connection, self._dialect, new, at), True

    def open_operations(self) -> Sequence[Operation]:
        """Return what is queued or running; see ``Operations.open_operations``."""
        with self._database.read() as connection:
            return [_operation(row) for row in connection.execute(_open()).mappings()]

    def operation(self, operation_id: int) -> Operation:
        """Return one; see ``Operations.operation``."""
        with self._database.read() as connection:
            row = connection.execute(_one(operation_id)).mappings().one_or_none()
        if row is None:
            raise no_operation(operation_id)
        return _operation(row)

    def operations(
        self,
        *,
        slug: str | None = None,
        state: OperationState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Operation]:
        """Return operations, the newest first; see ``Operations.operations``."""
        query = _query().order_by(_row.id.desc()).limit(limit)
        if slug is not None:
            own = select(workspaces.c.id).where(workspaces.c.slug == slug).scalar_subquery()
            query = query.where(_row.workspace_id == own)
        if state is not None:
            query = query.where(_row.state == state)
        if before is not None:
            query = query.where(_row.id < before)
        with self._database.read() as connection:
            return [_operation(row) for row in connection.execute(query).mappings()]

    def claim_operation(
        self, operation_id: int, *, worker: str, lease_seconds: float
    ) -> OperationClaim | str:
        """Take it, or say why not; see ``OperationRecord.claim_operation``."""
        with self._database.write() as connection:
            expired = _row.lease_until <= self._dialect.now(self._clock)
            row = (
                connection.execute(
                    _query(expired.label("expired"))
                    .where(_row.id == operation_id)
                    .with_for_update(of=operations, skip_locked=True)
                )
                .mappings()
                .one_or_none()
            )
            if row is None:  # or somebody's transaction holds it
                return "busy" if connection.execute(_one(operation_id)).first() else "missing"
            if row["state"] in _OVER:
                return "over"
            if row["state"] == OperationState.RUNNING and not row["expired"]:
                return "busy"
            unannounce(connection, operation_key(operation_id, row["fence"]))
            if row["claims"] >= MAX_CLAIMS:
                problem = Problem("too_many_claims", NO_END)
                ended = {**_ended(OperationState.FAILED, self._now()), **_told(problem)}
                connection.execute(update(operations).where(_row.id == operation_id).values(ended))
                return "too_many_claims"
            self._take_operation(connection, row, worker, lease_seconds)
            found = _operation(row)
        return OperationClaim(
            found.id, found.kind, found.slug, found.arguments, found.by, row["fence"] + 1
        )

    def advance_operation(
        self, claim: OperationClaim, *, done: int, total: int, lease_seconds: float
    ) -> None:
        """Note how far it is; see ``OperationRecord.advance_operation``."""
        gets_on = or_(_row.done < done, literal(not lease_seconds))
        step = (
            update(operations)
            .where(*_claimed(claim))
            .values(
                done=done,
                total=total,
                claims=case((gets_on, 0), else_=_row.claims),
                updated_at=self._now(),
                lease_until=self._dialect.lease_end,
            )
        )
        lease = {"lease": self._dialect.lease(self._clock, lease_seconds)}
        with self._database.write() as connection:
            if not connection.execute(step, lease).rowcount:
                raise StaleOperation(claim.id)

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End it well; see ``OperationRecord.succeed_operation``."""
        with self._database.write() as connection:
            succeed(connection, claim, result, done=done, at=self._now())

    def fail_operation(self, claim: OperationClaim, problem: Problem) -> None:
        """End it with the reason; see ``OperationRecord.fail_operation``."""
        with self._database.write() as connection:
            ended = _ended(OperationState.FAILED, self._now())
            _end_claimed(connection, claim, {**ended, **_told(problem)})

    def waiting_operations(self, *, limit: int) -> Sequence[Operation]:
        """Return what waits; see ``WaitingOperations.waiting_operations``."""
        with self._database.read() as connection:
            rows = connection.execute(self._waiting_operations().limit(limit)).mappings()
            return [_operation(row) for row in rows]

    def announce_operations(self, *, patience_seconds: float, limit: int) -> int:
        """Announce what waits; see ``WaitingOperations.announce_operations``."""
        waiting = self._waiting_operations(_KEY.label("dedupe")).limit(limit).subquery()
        unheard = self._unheard(waiting, patience_seconds)
        with self._database.read() as connection:
            found = connection.execute(unheard.add_columns(waiting.c.kind, waiting.c.fence)).all()
        if not found:
            return 0
        with self._database.write() as connection:
            for row in found:
                work = operation_work(row.id, OperationKind(row.kind), row.fence)
                announce_work(connection, self._dialect, work, at=self._now())
            self._announce_again(connection, found)
        return len(found)

    def _waiting_operations(self, *more: ColumnElement[Any]) -> Select[Any]:
        """Select the operations that a claim would be given now, oldest first."""
        expired = _row.lease_until <= self._dialect.now(self._clock)
        return _open(*more).where(
            case((_row.state == OperationState.QUEUED, true()), else_=expired)
        )

    def _take_operation(
        self, connection: Connection, row: RowMapping, worker: str, lease_seconds: float
    ) -> None:
        now = self._now()
        connection.execute(
            update(operations)
            .where(_row.id == row["id"])
            .values(
                state=OperationState.RUNNING,
                fence=row["fence"] + 1,
                claims=row["claims"] + 1,
                lease_until=self._dialect.lease_end,
                worker=worker,
                done=0,
                started_at=now,
                updated_at=now,
            ),
            {"lease": self._dialect.lease(self._clock, lease_seconds)},
        )


def hold(connection: Connection, claim: OperationClaim) -> None:
    """Keep an operation from other workers until the transaction ends, whatever its lease says.

    Raises:
        StaleOperation: another worker has it.

    """
    if (
        connection.execute(select(_row.id).where(*_claimed(claim)).with_for_update()).first()
        is None
    ):
        raise StaleOperation(claim.id)


def _add(connection: Connection, dialect: Dialect, new: NewOperation, at: datetime) -> Operation:
    workspace_id = None if new.slug is None else _workspace_id(connection, new.slug)
    values = {
        "kind": new.kind,
        "workspace_id": workspace_id,
        "arguments": json.dumps(dict(new.arguments)),
        "by": new.by,
        "state": OperationState.QUEUED,
        "created_at": at,
        "updated_at": at,
    }
    added = connection.execute(insert(operations).values(values).returning(_row.id))
    operation_id = added.scalar_one()
    announce_work(connection, dialect, operation_work(operation_id, new.kind, 0), at=at)
    return _operation(connection.execute(_one(operation_id)).mappings().one())


def succeed(
    connection: Connection,
    claim: OperationClaim,
    result: Mapping[str, Any],
    *,
    done: int,
    at: datetime,
) -> None:
    """End an operation well, in the transaction of the last of what it did.

    Raises:
        StaleOperation: another worker has it.

    """
    told = {"result": json.dumps(dict(result)), "done": done, "total": done}
    _end_claimed(connection, claim, {**_ended(OperationState.SUCCEEDED, at), **told})


def _end_claimed(connection: Connection, claim: OperationClaim, values: Mapping[str, Any]) -> None:
    ended = connection.execute(update(operations).where(*_claimed(claim)).values(values))
    if not ended.rowcount:
        raise StaleOperation(claim.id)


def _workspace_id(connection: Connection, slug: str) -> int:
    own = select(workspaces.c.id).where(workspaces.c.slug == slug)
    workspace_id: int | None = connection.execute(own).scalar()
    if workspace_id is None:
        raise not_called(slug)
    return workspace_id


def _claimed(claim: OperationClaim) -> tuple[ColumnElement[bool], ...]:
    return (
        _row.id == claim.id,
        _row.fence == claim.fence,
        _row.state == OperationState.RUNNING,
    )


def _ended(state: OperationState, at: datetime) -> dict[str, Any]:
    return {
        "state": state,
        "lease_until": None,
        "worker": None,
        "updated_at": at,
        "finished_at": at,
    }


def _told(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "detail": problem.detail, "remedy": problem.remedy}


def _query(*more: ColumnElement[Any]) -> Select[Any]:
    whose = operations.outerjoin(workspaces, workspaces.c.id == _row.workspace_id)
    return select(operations, workspaces.c.slug, *more).select_from(whose)


def _open(*more: ColumnElement[Any]) -> Select[Any]:
    """Select what is not over, oldest first, in words in which the partial index knows itself."""
    open_ = _row.state.in_((OperationState.QUEUED, OperationState.RUNNING))
    return _query(*more).where(open_).order_by(_row.id)


def _one(operation_id: int) -> Select[Any]:
    return _query().where(_row.id == operation_id)


def _operation(row: RowMapping) -> Operation:
    problem = Problem(row["code"], row["detail"], row["remedy"]) if row["code"] else None
    return Operation(
        kind=OperationKind(row["kind"]),
        slug=row["slug"],
        arguments=json.loads(row["arguments"]),
        state=OperationState(row["state"]),
        result=json.loads(row["result"]) if row["result"] else None,
        problem=problem,
        **{name: row[name] for name in _PLAIN},
    )
