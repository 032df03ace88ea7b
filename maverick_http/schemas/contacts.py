"""Contacts on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from maverick_core.pipeline.contact import ContactState
from maverick_http.schemas.base import WHOLE, Answer, PageQuery, Query
from maverick_http.schemas.batches import MAX_EMAIL, BatchName


class ContactsQuery(PageQuery):
    """Which contacts of a workspace."""

    state: ContactState | None = None
    import_id: Annotated[
        int | None, Field(ge=1, description="The import that they came with."), WHOLE
    ] = None
    batch: BatchName | None = None


class ContactAnswer(Answer):
    """A contact, where it is, and the batch that it is in."""

    id: int
    email: str
    first_name: str
    last_name: str | None
    company: str | None
    import_id: int
    verified_at: datetime
    state: ContactState
    batch: str | None
    reason: str


class TraceQuery(Query):
    """Whose way."""

    email: Annotated[str, Field(max_length=MAX_EMAIL, description="In any spelling.")]


class StepAnswer(Answer):
    """One thing that happened to a contact."""

    at: datetime | None
    what: str
    detail: str


class MailboxTraceAnswer(Answer):
    """The way of a mailbox; where it is no contact, `contact_id`, `state` and `batch` are null."""

    email: str
    contact_id: int | None
    state: ContactState | None
    batch: str | None
    steps: list[StepAnswer]


class TraceAnswer(Answer):
    """The whole way of a contact, and where it is now."""

    contact_id: int
    email: str
    state: ContactState
    batch: str | None
    steps: list[StepAnswer]
