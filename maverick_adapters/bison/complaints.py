"""Reads what Email Bison says when it says no, in any of its envelopes.

Laravel's own: ``{message, errors: {"leads.3.email": [text]}}``; the application's:
``{data: {success: false, message}}``, sometimes unwrapped. Nothing here can fail: a body that is
none of these is a complaint without words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

_ROW = re.compile(r"lead(?:s|_ids)\.(\d{1,4})(?:\..*)?", re.ASCII | re.DOTALL)
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the answer says; texts are as they came, so scrub them before they go anywhere."""

    message: str = ""
    success: bool | None = None
    retry_after: float | None = None
    rows: Mapping[int, str] = field(default_factory=dict)
    """Index in the request to the first thing that is wrong with it."""


def read_complaint(body: bytes) -> Complaint:
    """Read an answer for what it says of its request."""
    try:
        whole = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Complaint()
    outer = whole if isinstance(whole, dict) else _NOTHING
    data = outer.get("data")
    inner = data if isinstance(data, dict) else outer
    success = inner.get("success")
    return Complaint(
        message=_first_text(inner.get("message"), outer.get("message"), outer.get("error")),
        success=success if isinstance(success, bool) else None,
        retry_after=_seconds(outer.get("retry_after")),
        rows=_rows(outer.get("errors")),
    )


def _first_text(*candidates: object) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")


def _seconds(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        return None
    return float(value)


def _rows(errors: object) -> dict[int, str]:
    rows: dict[int, str] = {}
    for path, texts in errors.items() if isinstance(errors, dict) else ():
        if found := _ROW.fullmatch(path):
            text = _first_text(*texts) if isinstance(texts, list) else _first_text(texts)
            rows.setdefault(int(found[1]), text or "Refused without a reason.")
    return rows
