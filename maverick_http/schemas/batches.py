"""Batches on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.pages import Stuck
from maverick_core.workspaces.rules import Hold
from maverick_http.schemas.base import WHOLE, Answer, Body, Moment, Page, PageQuery
from maverick_http.schemas.workspaces import BatchSize

MAX_NAMED: Final = 200
"""Batches that one request names."""
MAX_EMAIL: Final = 254

_STATES: Final = "|".join(BatchState)
_MONTH: Final = r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$"

Month = Annotated[str, Field(pattern=_MONTH, examples=["2026-11"])]
BatchName = Annotated[str, Field(max_length=24, examples=["B-000042"])]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    Field(description="Why; kept with the batch. Name no contacts in it."),
]


class BatchesQuery(PageQuery):
    """Which batches, and in which order."""

    status: Annotated[
        str | None,
        Field(pattern=rf"^({_STATES})(,({_STATES}))*$", description="States, with commas between."),
    ] = None
    workspace: Annotated[str | None, Field(max_length=63)] = None
    month: Month | None = None
    code: Annotated[
        str | None,
        Field(
            pattern="^[a-z0-9_]+(,[a-z0-9_]+)*$",
            max_length=200,
            description="Why they failed, with commas between.",
        ),
    ] = None
    created_after: Annotated[Moment | None, Field(description="Included.")] = None
    created_before: Annotated[Moment | None, Field(description="Not included.")] = None
    min_attempts: Annotated[
        int, Field(ge=0, le=100, description="How often workers took them, or more."), WHOLE
    ] = 0
    email: Annotated[
        str | None, Field(max_length=MAX_EMAIL, description="A contact that is inside.")
    ] = None
    batch: BatchName | None = None
    sort: Literal["created", "-created", "updated", "-updated", "contacts", "-contacts"] = (
        "-created"
    )
    include: Annotated[
        Literal["total"] | None, Field(description="`total`: count all that match, by state.")
    ] = None


class FailureAnswer(Answer):
    """Why a batch failed."""

    code: str
    detail: str


class BatchAnswer(Answer):
    """A batch. Counts are contacts; `accepted` has `not_attachable` in.

    `stuck` says why it does not move though it should, `position` where a ready one stands in the
    queue; a key of one workspace is not told, because the queue is everybody's.
    """

    id: str
    workspace: str
    month: str
    state: BatchState
    contacts: int
    accepted: int
    skipped: int
    rejected: int
    not_attachable: int
    settled: int
    attempts: int
    failure: FailureAnswer | None
    cancel_requested: bool
    hold: Hold | None
    stuck: Stuck | None
    position: int | None
    lease_until: datetime | None
    created_at: datetime
    updated_at: datetime


class TotalAnswer(Answer):
    """Batches in a state, and their contacts."""

    batches: int
    contacts: int


class BatchesPage(Page[BatchAnswer]):
    """A part of the list of batches; `totals` by state, where they were asked for."""

    totals: dict[BatchState, TotalAnswer] | None


class AttemptAnswer(Answer):
    """One claim; `result` is empty while it runs, or when its worker died."""

    fence: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    result: str
    code: str
    detail: str


class DecisionAnswer(Answer):
    """What a person decided."""

    action: str
    by: str
    at: datetime
    reason: str


class BatchDetail(BatchAnswer):
    """A batch with its history, the oldest first."""

    history: list[AttemptAnswer]
    decisions: list[DecisionAnswer]


class MembersQuery(PageQuery):
    """Which contacts of a batch."""

    state: ContactState | None = None


class MemberAnswer(Answer):
    """A contact of a batch: what this batch knows of it."""

    contact_id: int
    position: int
    email: str
    state: ContactState
    lead_id: int | None
    reason: str


class ReasonAnswer(Answer):
    """How many contacts share a state and a reason."""

    state: ContactState
    reason: str
    contacts: int


class RejectsPage(Page[MemberAnswer]):
    """A part of those who were not taken or not attached; `reasons` count all of them."""

    reasons: list[ReasonAnswer]


class PlanBody(Body):
    """A plan that is to be made; the present month and the workspace's batch size unless said."""

    month: Month | None = None
    batch_size: BatchSize | None = None


class PlanAnswer(Answer):
    """What a plan would come to, in contacts."""

    workspace: str
    month: str
    target: int | None
    room: int
    supply: int
    batches: int
    contacts: int
    why_no_more: str


class DecisionBody(Body):
    """A decision about a batch."""

    reason: Reason = ""


class RequeueBody(Body):
    """Failed batches that are to go round again."""

    ids: Annotated[list[BatchName], Field(min_length=1, max_length=MAX_NAMED)]
    reason: Reason = ""


class RequeueAllBody(Body):
    """All failed batches of a workspace, or those that failed for certain reasons."""

    codes: Annotated[
        list[Annotated[str, Field(pattern="^[a-z0-9_]+$", max_length=64)]],
        Field(max_length=20, default_factory=list),
    ]
    reason: Reason = ""


class ItemAnswer(Answer):
    """What became of one batch; `code` says why it was skipped, empty where it was not."""

    id: str
    result: Literal["done", "skipped"]
    code: str
    detail: str


class RequeuedAnswer(Answer):
    """What became of all of them."""

    total: int
    done: int
    skipped: Annotated[dict[str, int], Field(description="How many, by code.")]
    items: list[ItemAnswer]
