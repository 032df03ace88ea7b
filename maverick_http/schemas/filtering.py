"""Filtering on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from maverick_http.schemas.base import Answer, Body

_Switch = Literal["filter", "keep"]
_Words = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=1_000)
]


class Rules(Body):
    """A rule set, as the file of `maverick filtering rules set` says it; the rest are defaults."""

    role_accounts: _Switch = "filter"
    disposable_domains: _Switch = "filter"
    personal_domains: _Switch = "filter"
    other_workspaces: _Switch = "keep"
    states: Annotated[_Words, Field(description="Codes or names; empty for all.")] = Field(
        default_factory=list
    )
    unknown_state: _Switch = "filter"
    lines_of_business: Annotated[_Words, Field(description="Empty for all.")] = Field(
        default_factory=list
    )
    unknown_line_of_business: _Switch = "filter"
    blocked_words: Annotated[
        _Words, Field(description="In names, titles and companies, in any case.")
    ] = Field(default_factory=list)


class RulesShown(Rules):
    """A rule set that is whole."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class RulesAnswer(Answer):
    """A version of a workspace's rules. Version 0 are the defaults, which nobody set."""

    workspace: str
    version: int
    by: str | None
    at: datetime | None
    rules: RulesShown


class ChangeOfCodeAnswer(Answer):
    """How many contacts would go from one code to another, and the ids of the first raw ones."""

    before: str
    after: str
    rows: int
    examples: tuple[int, ...]


class DifferenceAnswer(Answer):
    """What other rules would have made of `rows` contacts: how many had which code, and would.

    Where it is not `complete` these are the oldest.
    """

    rows: int
    complete: bool
    before: dict[str, int]
    after: dict[str, int]
    changes: tuple[ChangeOfCodeAnswer, ...]


class CodeAnswer(Answer):
    """A code, what it means, and how many raw contacts have it."""

    code: str
    rows: int
    meaning: str


class FilterCountsAnswer(Answer):
    """What became of a workspace's raw contacts that were judged."""

    workspace: str
    judged: int
    kept: int
    codes: Annotated[list[CodeAnswer], Field(description="The most frequent one first.")]
