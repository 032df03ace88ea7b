"""The master list and refills on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.overlap import MOST_DAYS
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.verification.verdicts import Verdict
from maverick_http.schemas.base import Answer, Body

_MOST = 10_000_000

_Limit = Annotated[
    int | None, Field(ge=1, le=_MOST, description="At most so many; all that are missing without.")
]
_Days = Annotated[
    int | None,
    Field(
        ge=1,
        le=MOST_DAYS,
        description="Days since an upload elsewhere; null: no other workspace may hold it.",
    ),
]


class MasterStatsAnswer(Answer):
    """How many mailboxes there are, held by several workspaces, taken somewhere, by outcome."""

    mailboxes: int
    shared: int
    uploaded: int
    outcomes: Mapping[str, int]


class PersonAnswer(Answer):
    """Who a mailbox belongs to, as the workspace knows that knew last."""

    first_name: str
    last_name: str | None
    title: str | None
    company: str | None
    phone: str | None
    state: str | None
    line_of_business: str | None


class MasterContactAnswer(Answer):
    """A mailbox, as all workspaces together know it, with where that is from."""

    email: str
    person: PersonAnswer
    as_known_to: str
    known_since: datetime
    first_seen_in: str
    first_seen_at: datetime
    first_origin: OriginKind
    last_seen_at: datetime
    workspaces: int
    last_outcome: Outcome | None
    last_outcome_in: str | None
    last_outcome_at: datetime | None
    last_uploaded_at: datetime | None
    verdict: Verdict | None


class FillBody(Body):
    """How to fill the list."""

    rebuild: Annotated[bool, Field(description="Empty it first, and make it afresh.")] = False


class RefillBody(Body):
    """How many to bring."""

    limit: _Limit = None


class RefillPreviewAnswer(Answer):
    """What a refill would bring now, and how many it would pass over, by code.

    Where it is not `complete`, the list holds more than was looked at.
    """

    workspace: str
    short: int
    asked: int
    looked_at: int
    brought: int
    codes: Mapping[str, int]
    complete: bool


class RefillRunAnswer(Answer):
    """A refill: of `asked` mailboxes it `brought` so many; `codes` say why not the others."""

    id: int
    by: str
    started_at: datetime
    finished_at: datetime | None
    asked: int
    looked_at: int
    brought: int
    codes: Mapping[str, int]


class OverlapBody(Body):
    """How close a workspace's refills are to come to other workspaces."""

    days: _Days


class OverlapAnswer(Answer):
    """How close a workspace's refills may come to other workspaces."""

    workspace: str
    days: _Days
