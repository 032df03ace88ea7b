"""Long work that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from maverick_core.access.rules import Caller, Scope
from maverick_core.kernel.ids import operation_name, parse_operation_name
from maverick_core.operations.ports import Operations
from maverick_core.operations.rules import Operation, Problem
from maverick_core.pipeline.filtering.codes import shown_codes
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
            page(
                found,
                given.limit,
                show=lambda each: _shown(each, call.caller),
                cursor=lambda last: _CURSOR.write(last.id),
            )
        )

    @route(
        "GET",
        "/operations/{operation}",
        scope=Scope.OPERATIONS_READ,
        answers=OperationAnswer,
    )
    def show(self, call: Call[NoQuery], operation: str) -> Reply:
        """Show how far an operation is, and what came of it."""
        found = self.operations.operation(parse_operation_name(operation))
        return Reply(_shown(found, call.caller))


def accepted(operation: Operation, caller: Caller) -> Reply:
    """Answer that it will be done, and where to look."""
    location = f"{API}/operations/{operation_name(operation.id)}"
    return Reply(_shown(operation, caller), location=location)


def _shown(operation: Operation, caller: Caller) -> OperationAnswer:
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
        result=_result(operation, caller),
        problem=_problem(problem) if problem else None,
        created_at=operation.created_at,
        started_at=operation.started_at,
        finished_at=operation.finished_at,
    )


def _result(operation: Operation, caller: Caller) -> dict[str, Any] | None:
    """Return what came of it; whoever sees one workspace is told of no other."""
    if operation.result is None:
        return None
    result = dict(operation.result)
    if "codes" in result:
        result["codes"] = dict(shown_codes(result["codes"], everywhere=caller.slug is None))
    return result


def _problem(problem: Problem) -> ProblemAnswer:
    remedy = remedy_over_http(problem.code, problem.remedy)
    return ProblemAnswer(code=problem.code, detail=problem.detail, remedy=remedy)
