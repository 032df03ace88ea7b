"""What every shape on the wire keeps to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

MAX_LIMIT: Final = 200
DEFAULT_LIMIT: Final = 50
MAX_CURSOR: Final = 512
_DIGITS: Final = 9  # more of them are no number that anything here is counted in

Shown = TypeVar("Shown")


class Body(BaseModel):
    """A request's body: types are not guessed, and a field that is not known is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class NoBody(Body):
    """The body of a request that has nothing to say."""


class Query(BaseModel):
    """A query string: text, read as what each parameter is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """The query of a route without parameters."""


class Answer(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(
        frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True
    )


def _number(text: object) -> object:
    """Read plain digits; pydantic would take ``1_0``, `` 10 `` and ``10.0`` for ten."""
    if isinstance(text, str) and not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError("write a whole number in digits")
    return text


WHOLE: Final = BeforeValidator(_number)
"""Stands last among what is said of a number: pydantic forgets bounds that come behind it."""


def _in_utc(at: datetime) -> datetime:
    """Return the same instant; the first and the last hours of the calendar have none elsewhere."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("the calendar has no such instant in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many to return at most."), WHOLE]


class PageQuery(Query):
    """Which part of a list is asked for."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(max_length=MAX_CURSOR, description="`next_cursor` of the page before."),
        WithJsonSchema({"type": "string"}),
    ] = None


class Page(Answer, Generic[Shown]):
    """A part of a list. The next one is asked for with ``next_cursor``, null on the last."""

    data: list[Shown]
    next_cursor: str | None
    has_more: bool
