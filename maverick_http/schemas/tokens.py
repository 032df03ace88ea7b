"""Bison tokens on the wire: their state, never a token."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from maverick_http.schemas.base import Answer, Body


class TokenState(StrEnum):
    """Whether uploads can go on with it."""

    MISSING = "missing"
    VALID = "valid"
    REFUSED = "refused"


class TokenAnswer(Answer):
    """What may be shown of a workspace's token; `hint` is its last four characters."""

    workspace: str
    state: TokenState
    hint: str | None = None
    bison_workspace_id: int | None = None
    bison_workspace_name: str | None = None
    set_at: datetime | None = None
    refused_at: datetime | None = None


class TokenBody(Body):
    """A token to be tested, and stored if Email Bison takes it."""

    token: Annotated[SecretStr, Field(max_length=512, description="Never shown again.")]
    replace_workspace: Annotated[
        bool,
        Field(
            description="Allow a token of another Bison workspace, or of one that is in use here."
        ),
    ] = False
