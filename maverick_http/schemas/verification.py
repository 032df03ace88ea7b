"""Verification on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from maverick_core.pipeline.verification.verdicts import RISKS, Reason, Verdict
from maverick_http.schemas.base import Answer, Body

_Left = Annotated[
    int | None, Field(description="Mailboxes that may be asked about yet today (UTC).")
]


class NotMailableAnswer(Answer):
    """How many candidates may not be written to, by what was found."""

    verdict: Verdict
    reason: Reason
    candidates: int


class VerificationAnswer(Answer):
    """Where a workspace's candidates are; `contacts` are those that became one."""

    workspace: str
    waiting: int
    contacts: int
    not_mailable: list[NotMailableAnswer]


class VerifierAnswer(Answer):
    """Who is asked, what that may cost a day, and what is believed already and costs nothing.

    `daily_limit` and `budget_left` are null without a limit.
    """

    verifier: str
    daily_limit: int | None
    spent_today: int
    budget_left: _Left
    believed: Mapping[Verdict, int]


class PolicyBody(Body):
    """Which risks a workspace is to take."""

    risks: Annotated[
        list[Reason], Field(max_length=20, description=f"Of {', '.join(RISKS)}; no others.")
    ]


class PolicyAnswer(Answer):
    """Which risks a workspace takes, of those that `may_be_taken`."""

    workspace: str
    risks: list[Reason]
    may_be_taken: list[Reason]


class RehearsedAnswer(Answer):
    """What a run would settle by what is known, and how many it would ask about at the most.

    Where it is not `complete`, more candidates wait than were looked at.
    """

    workspace: str
    settled: int
    mailable: int
    to_ask: int
    verifier: str
    budget_left: _Left
    complete: bool


class VerifyBody(Body):
    """What to verify."""

    again: Annotated[
        bool, Field(description="Whoever was unknown or a risk too, once not believed any more.")
    ] = False
