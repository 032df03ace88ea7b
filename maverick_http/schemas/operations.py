"""Operations on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from maverick_core.operations.rules import OperationKind, OperationState
from maverick_http.schemas.base import Answer, PageQuery


class OperationsQuery(PageQuery):
    """Which operations."""

    status: OperationState | None = None
    workspace: Annotated[str | None, Field(max_length=63)] = None


class ProgressAnswer(Answer):
    """How far it is: `rate` is done in a second, and the rest takes `eta_s` seconds."""

    done: int
    total: int | None
    rate: float | None
    eta_s: float | None


class ProblemAnswer(Answer):
    """Why it failed."""

    code: str
    detail: str
    remedy: str


class OperationAnswer(Answer):
    """Long work that was asked for. `result` and `problem` are null until it has ended."""

    id: str
    kind: OperationKind
    workspace: str | None
    by: str
    status: OperationState
    progress: ProgressAnswer
    result: dict[str, Any] | None
    problem: ProblemAnswer | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
