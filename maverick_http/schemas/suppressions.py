"""Suppressions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from maverick_core.suppression.rules import SuppressionKind, SuppressionReason
from maverick_http.schemas.base import Answer, Body

_Patterns = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=400)]],
    Field(
        min_length=1,
        max_length=10_000,
        description="`name@domain.tld`, `domain.tld`, `*.domain.tld`.",
    ),
]


class SuppressBody(Body):
    """Whom not to write to, and why."""

    patterns: _Patterns
    reason: SuppressionReason = SuppressionReason.MANUAL


class RemoveBody(Body):
    """Whose suppression to take away."""

    patterns: _Patterns


class SuppressionAnswer(Answer):
    """A suppression: who it covers, why, since when and by whom."""

    id: int
    pattern: str
    kind: SuppressionKind
    reason: SuppressionReason
    at: datetime
    by: str


class SuppressedAnswer(Answer):
    """What became of the patterns: of `read`, `added` are new; at `bad`, from 1, was none."""

    read: int
    added: int
    bad: list[int]


class RemovedAnswer(Answer):
    """How many there were."""

    removed: int
