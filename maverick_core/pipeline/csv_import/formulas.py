"""Cells that a spreadsheet would run: made harmless in files we write, restored when we read them.

A cell whose first visible character starts a formula gets a single quote in front. So that taking
it off again is exact, a cell that already has quotes in front of such a character gets one more.
Only files that we wrote are restored: in anybody else's a leading quote is theirs.
"""

from __future__ import annotations

import re
from typing import Final

# =, +, - and @ start a formula, in full width too; white space in front does not stop every
# spreadsheet (OWASP, "CSV Injection").
_FORMULA: Final = re.compile("'*\\s*[=+\\-@＝＋－＠]")  # noqa: RUF001 - the full-width ones
_QUOTED_FORMULA: Final = re.compile("'+\\s*[=+\\-@＝＋－＠]")  # noqa: RUF001 - the same


def neutralise(cell: str) -> str:
    """Return ``cell`` so that no spreadsheet runs it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """Return the cell that ``neutralise`` was given."""
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell
