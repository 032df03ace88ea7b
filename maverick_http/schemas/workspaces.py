"""Workspaces on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from maverick_core.workspaces.rules import DEFAULT_BATCH_SIZE, MAX_BATCH_SIZE, Hold
from maverick_http.schemas.base import Answer, Body

MAX_ID = 2**63 - 1  # what a database numbers with

Slug = Annotated[str, Field(max_length=63, examples=["acme"])]
Timezone = Annotated[str, Field(max_length=64, examples=["America/New_York"])]
BatchSize = Annotated[int, Field(ge=1, le=MAX_BATCH_SIZE, description="Contacts in a batch.")]
Campaign = Annotated[
    int | None,
    Field(ge=1, le=MAX_ID, description="The Email Bison campaign that leads are attached to."),
]


class WorkspaceAnswer(Answer):
    """A workspace. Nothing of it is sent while there is a `hold`."""

    slug: str
    timezone: str
    batch_size: int
    campaign_id: int | None
    hold: Hold | None


class NewWorkspaceBody(Body):
    """A workspace that is to be."""

    slug: Slug
    timezone: Timezone
    batch_size: BatchSize = DEFAULT_BATCH_SIZE
    campaign_id: Campaign = None


class WorkspaceChanges(Body):
    """What is to be different; what is left out stays."""

    timezone: Timezone | None = None
    batch_size: BatchSize | None = None
    campaign_id: Campaign = None
