"""Sources on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from maverick_core.pipeline.scraping.rules import RunState
from maverick_core.pipeline.scraping.source import FIELDS, Limits, PageKind
from maverick_http.schemas.base import Answer, Body

_Address = Annotated[str, Field(min_length=1, max_length=2_000)]
_Selector = Annotated[str, Field(min_length=1, max_length=500)]
_Limit = Literal["pages", "requests_per_minute", "page_bytes", "page_seconds"]


class SourceBody(Body):
    """A site and how to read it: what the file of `maverick sources add` says, but for the name."""

    kind: PageKind = PageKind.HTML
    start: Annotated[
        list[_Address], Field(min_length=1, max_length=1_000, description="Where it begins.")
    ]
    item: Annotated[_Selector | None, Field(description="What names a contact on a page.")] = None
    next: Annotated[_Selector | None, Field(description="The link to the page after.")] = None
    fields: Annotated[
        dict[str, _Selector], Field(description=f"Selectors, by field: {', '.join(FIELDS)}.")
    ] = Field(default_factory=dict)
    limits: Annotated[dict[_Limit, int], Field(description="How much, and how gently.")] = Field(
        default_factory=dict
    )


class TrialBody(SourceBody):
    """A site that is to be tried."""

    rows: Annotated[int, Field(ge=1, le=100, description="How many contacts to show at most.")] = 10


class TrialAnswer(Answer):
    """What the first page gives: how many contacts, the first of them, and where it would go on."""

    url: str
    contacts: int
    rows: list[dict[str, str]]
    next: list[str]


class LastRunAnswer(Answer):
    """How the last run stands; `why` says by what it failed."""

    state: RunState
    why: str
    at: datetime


class SourceAnswer(Answer):
    """A source. Counts are of all its runs; `contacts` are raw ones, which the filter judges."""

    name: str
    kind: PageKind
    runs: int
    pages: int
    contacts: int
    last_run: LastRunAnswer | None


class UnreadAnswer(Answer):
    """A page of the last run that was not read, and why."""

    url: str
    code: str
    why: str


class SourceDetailAnswer(SourceAnswer):
    """A source with its description, and the first pages that its last run did not read."""

    start: list[str]
    item: str | None
    next: str | None
    fields: dict[str, str]
    limits: Limits
    not_read: list[UnreadAnswer]


class RunAnswer(Answer):
    """A run of a source: of `pages` so many were `not_read`; `due` are left."""

    id: int
    state: RunState
    why: str
    pages: int
    contacts: int
    unchanged: int
    not_read: int
    due: int
    started_at: datetime
    finished_at: datetime | None
