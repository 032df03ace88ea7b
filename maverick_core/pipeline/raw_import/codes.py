"""Why a row is rejected by its shape; what stands in it is the filter's to judge."""

from __future__ import annotations

from typing import Final

from maverick_core.pipeline.csv_import.rules import REJECT_REASONS, RejectCode
from maverick_core.pipeline.filtering.codes import WITHHELD, WORDS, words_of

SHAPE_CODES: Final = (RejectCode.UNREADABLE, RejectCode.RAGGED_ROW, RejectCode.REPEATED_HEADER)
"""What is wrong with a row of which nobody can say what is what in it."""


def reason(code: str, detail: str) -> str:
    """Return the reason in words, as it stands in a rejects file; the codes of both stages fit."""
    if code in SHAPE_CODES:
        words = REJECT_REASONS[RejectCode(code)]
    elif code in {WITHHELD, *WORDS}:
        words = words_of(code).meaning
    else:  # a code that a later version put on record
        words = "Rejected."
    return f"{words} ({detail})" if detail else words
