"""Health on the wire."""

from __future__ import annotations

from typing import Literal

from maverick_http.schemas.base import Answer


class HealthAnswer(Answer):
    """The process lives."""

    status: Literal["ok"]


class CheckAnswer(Answer):
    """One check; `code` is `ok`, or the error code of what is wrong."""

    name: str
    code: str


class ReadinessAnswer(Answer):
    """Whether the process is of use now."""

    ready: bool
    checks: list[CheckAnswer]
