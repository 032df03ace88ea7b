"""Which column of an unjudged list is which field, and how sure that is.

A name that is one of the known ones is taken. Everything else is asked about: a guess comes with
its confidence, and a person says yes. difflib is what the verified import suggests by; a header has
some ten names, so a quicker measure would buy nothing, and another one would suggest otherwise.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.pipeline.csv_import.mapping import (
    ALIASES,
    FIELDS,
    Choices,
    Columns,
    map_columns,
    plain_name,
)
from maverick_core.pipeline.csv_import.ports import Sheet
from maverick_core.pipeline.filtering.states import state_code
from maverick_core.pipeline.raw_import.rules import Reading

RAW_FIELDS: Final = (*FIELDS, "phone", "state", "line_of_business")
"""What a column can be where the filter is to judge the rows."""

RAW_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **ALIASES,
        **{
            alias: field
            for field, aliases in {
                "phone": "phone phonenumber telephone tel mobile cell workphone",
                "state": "state province region stateprovince st",
                "line_of_business": "lineofbusiness lob linesofbusiness line lines",
            }.items()
            for alias in aliases.split()
        },
    }
)

SURE: Final = 85
"""Per cent from which a guess is worth proposing; below it a person has to look for themselves."""
_MOST: Final = 0.8  # of a column's cells that have to look like a field
_DIGITS: Final = range(7, 16)  # of a telephone number


@dataclass(frozen=True, slots=True)
class Guess:
    """A column, the field that it seems to be (None where nothing speaks for one), how surely.

    ``confidence`` is in per cent: 100 is a known name, and taken; the rest is for people.
    """

    column: str
    field: str | None
    confidence: int
    samples: tuple[str, ...]


def columns_of(sheet: Sheet, reading: Reading) -> Columns:
    """Return the file's columns as a person said and names say.

    Raises:
        Rejected: the header cannot be understood, or does not have what was said.

    """
    choices = Choices(reading.fields, reading.variables)
    return map_columns(sheet.header, choices, RAW_ALIASES)


def guesses(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[Guess]:
    """Say of each column what it seems to be, by its name and by what stands in ``rows``."""
    found = []
    for at, name in enumerate(header):
        cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
        field, confidence = max(
            _by_name(name), _by_cells(cells), key=lambda guess: (guess[1], guess[0] or "")
        )
        found.append(Guess(name, field, confidence, tuple(cells[:3])))
    return found


def _by_name(name: str) -> tuple[str | None, int]:
    plain = plain_name(name)
    if plain in RAW_ALIASES:
        return RAW_ALIASES[plain], 100
    scored = (
        (difflib.SequenceMatcher(None, plain, alias).ratio(), field)
        for alias, field in RAW_ALIASES.items()
    )
    ratio, field = max(scored)
    return (field, round(99 * ratio)) if ratio > 1 / 2 else (None, 0)


def _by_cells(cells: Sequence[str]) -> tuple[str | None, int]:
    """Tell by what stands there; a share of all cells is no certainty, so it ends at 95."""
    for field, test in _TESTS.items():
        share = sum(map(test, cells)) / len(cells) if cells else 0.0
        if share >= _MOST:
            return field, round(95 * share)
    return None, 0


def _is_email(cell: str) -> bool:
    try:
        normalise_email(cell)
    except BadEmail:
        return False
    return True


def _is_phone(cell: str) -> bool:
    digits = sum(map(str.isdigit, cell))
    return digits in _DIGITS and not any(map(str.isalpha, cell))


def _is_state(cell: str) -> bool:
    return state_code(cell) is not None


_TESTS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {"email": _is_email, "phone": _is_phone, "state": _is_state}
)
