"""Targets on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from maverick_core.targets.forecast import Forecast
from maverick_core.targets.rules import MAX_TARGET
from maverick_http.schemas.base import Answer, Body

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(description="Why; kept in the history. Name no contacts in it."),
]


class AccountAnswer(Answer):
    """The month in contacts. `target` is null where none was set."""

    target: int | None
    uploaded: int
    reserved: int
    skipped: int
    rejected: int
    in_doubt: int
    not_attachable: int
    remaining: int
    room: int


class MonthAnswer(Answer):
    """A month that has a target, and what was done of it."""

    month: str
    account: AccountAnswer


class ChangeAnswer(Answer):
    """Who changed a target, when and why; `before` is null where none had been set."""

    before: int | None
    contacts: int
    by: str
    at: datetime
    reason: str


class TargetAnswer(Answer):
    """How a workspace's month stands, and where it will end."""

    workspace: str
    month: str
    account: AccountAnswer
    supply: Annotated[int, Field(description="Verified contacts that wait for a batch.")]
    forecast: Forecast
    history: Annotated[list[ChangeAnswer], Field(description="The oldest change first.")]


class TargetBody(Body):
    """A target that is to be."""

    contacts: Annotated[
        int, Field(ge=0, le=MAX_TARGET, description="Contacts that Email Bison is to take.")
    ]
    reason: Reason
