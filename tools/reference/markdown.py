"""The little Markdown that the pages need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Generated from the code by `python -m tools.reference`; do not edit. -->\n"


def document(title: str, *parts: str) -> str:
    """Return a page of parts with a blank line between them."""
    return "\n\n".join([f"{NOTE}\n# {title}", *(part.strip() for part in parts if part)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars inside a cell are escaped."""
    lines = [_row(header), _row(["---"] * len(header)), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def code(text: str) -> str:
    """Return ``text`` as code in a line, or nothing for nothing."""
    return f"`{text}`" if text else ""


def one_line(text: str) -> str:
    """Return a docstring as prose on one line, with Markdown's single backticks."""
    return " ".join(text.split()).replace("``", "`")
