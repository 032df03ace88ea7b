"""Long work that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.access.rules import Scope
from maverick_core.kernel.ids import operation_name, parse_operation_name
from maverick_core.operations.ports import Operations
from maverick_core.operations.rules import Operation, Problem
from maverick_http.paging import Cursor, page
from maverick_http.remedies import remedy_over_http
from maverick_http.routes import API, Call, Reply, route
from maverick_http.schemas.base import NoQuery, Page
from maverick_http.schemas.operations import (
    OperationAnswer,
    OperationsQuery,
    ProblemAnswer,
    ProgressAnswer,
)

_CURSOR: Final = Cursor("operations", int)


@dataclass(frozen=True, slots=True)
class OperationsResource:
    """Operations: list, show."""

    operations: Operations

    @route(
        "GET",
        "/operations",
        scope=Scope.OPERATIONS_READ,
        takes=OperationsQuery,
        answers=Page[OperationAnswer],
    )
    def list(self, call: Call[OperationsQuery]) -> Reply:
        """List the operations that the key reaches, the newest first."""
        given, bound_to = call.given, call.caller.slug
        slug = given.workspace or bound_to
        found = []
        if slug is None or call.caller.reaches(slug):
            found = [
                *self.operations.operations(
                    slug=slug,
                    state=given.status,
                    before=_CURSOR.read(given.cursor),
                    limit=given.limit + 1,
                )
            ]
        return Reply(
            page(found, given.limit, show=shown, cursor=lambda last: _CURSOR.write(last.id))
        )

    @route(
        "GET",
        "/operations/{operation}",
        scope=Scope.OPERATIONS_READ,
        answers=OperationAnswer,
    )
    def show(self, call: Call[NoQuery], operation: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show how far an operation is, and what came of it."""
        return Reply(shown(self.operations.operation(parse_operation_name(operation))))


def accepted(operation: Operation) -> Reply:
    """Answer that it will be done, and where to look."""
    return Reply(shown(operation), location=f"{API}/operations/{operation_name(operation.id)}")


def shown(operation: Operation) -> OperationAnswer:
    """Return the operation as it goes over the wire."""
    problem = operation.problem
    return OperationAnswer(
        id=operation_name(operation.id),
        kind=operation.kind,
        workspace=operation.slug,
        by=operation.by,
        status=operation.state,
        progress=ProgressAnswer(
            done=operation.done,
            total=operation.total,
            rate=operation.rate,
            eta_s=operation.eta_seconds,
        ),
        result=dict(operation.result) if operation.result is not None else None,
        problem=_problem(problem) if problem else None,
        created_at=operation.created_at,
        started_at=operation.started_at,
        finished_at=operation.finished_at,
    )


def _problem(problem: Problem) -> ProblemAnswer:
    remedy = remedy_over_http(problem.code, problem.remedy)
    return ProblemAnswer(code=problem.code, detail=problem.detail, remedy=remedy)
