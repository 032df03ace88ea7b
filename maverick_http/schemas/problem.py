"""Errors on the wire (RFC 9457); ``errors.problem`` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field

from maverick_http.schemas.base import Answer


class FlawAnswer(Answer):
    """One thing that is wrong with a request."""

    pointer: Annotated[str, Field(description="Where (RFC 6901), `#` for all of it.")]
    code: str
    detail: str


class Problem(Answer):
    """Why a request was not done, and what to do about it."""

    # What there is nothing to say of is left out.
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: Annotated[str, Field(description="The page that explains the code.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The request's id.")]
    code: str
    remedy: str = ""
    errors: Sequence[FlawAnswer] = ()
    retry_after: Annotated[int | None, Field(description="Seconds.")] = None
