"""The page of the settings."""

from __future__ import annotations

import re
from typing import Any

from maverick_adapters.settings import Settings
from tools.reference.markdown import code, document, table

_INTRODUCTION = """
Each setting is a variable of the environment, or a line of a file `.env` in the working directory.
Where both are there, the environment wins.
`maverick init` writes a `.env` with every setting explained and a fresh secret key.
A value that cannot be ends the command with exit code 2 and the name of the variable.
"""

_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def page() -> str:
    """Return the page."""
    rows = [
        (code(f"MAVERICK_{name.upper()}"), _default(field.default), _bounds(field), _text(field))
        for name, field in Settings.model_fields.items()
    ]
    return document(
        "Settings", _INTRODUCTION, table(("variable", "default", "allowed", "meaning"), rows)
    )


def _default(value: object) -> str:
    return (
        "none"
        if value is None
        else code(str(value).lower() if value in (True, False) else str(value))
    )


def _text(field: Any) -> str:
    return str(field.description)


def _bounds(field: Any) -> str:
    found = []
    for part in field.metadata:
        found += [
            f"{sign} {getattr(part, name):,}"
            for name, sign in _BOUNDS.items()
            if hasattr(part, name)
        ]
        if pattern := getattr(part, "pattern", None):
            found.append(_allowed(pattern))
    return ", ".join(found)


def _allowed(pattern: str) -> str:
    """Return the words that a pattern lets pass; what is no list of words is shown as it is."""
    words = pattern.removeprefix("(?i)").removeprefix("^(").removesuffix(")$")
    if re.fullmatch(r"\w+(\|\w+)+", words):
        return words.replace("|", ", ")
    return code(pattern)
