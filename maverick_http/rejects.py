"""The file of those whom Email Bison did not take: what was wrong goes before their columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from maverick_core.pipeline.csv_import.formulas import neutralise
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.views import MemberView

_WRONG: Final = ("reject_row", "reject_code", "reject_reason")
"""What an import knows our own files by."""
_FIELDS: Final = ("email", "first_name", "last_name", "title", "company", "notes")
_AT_A_TIME: Final = 500
_HELD: Final = 5_000
"""Contacts held at a time, a few megabytes: twice the batch size that a workspace begins with."""
_ALL: Final = -1
"""What every position is behind."""
_MARK: Final = "\ufeff"
"""What spreadsheets know UTF-8 by."""

Leads = Callable[[Sequence[int]], Sequence[Lead]]


def rejects_file(
    members: Callable[[int], Iterable[MemberView]], leads: Leads, *, held: int = _HELD
) -> Iterator[bytes]:
    """Yield the file in parts; ``members`` are asked for those at positions behind a given one.

    Custom variables have a column each, behind those that every contact has. So all are read before
    the first is told; only those behind the first ``held`` are read again. They are found by their
    positions: somebody held who is none of them any more takes nobody else's place.
    """
    people = _people(members(_ALL), leads)
    first = list(islice(people, held))
    names: dict[str, None] = {}
    count = 0
    for _, lead in chain(first, people):
        names.update(dict.fromkeys(_variables(lead)))
        count += 1
    again = members(first[-1][0].position if first else _ALL) if count > held else ()
    yield (_MARK + _line([*_WRONG, *_FIELDS, *names])).encode()
    for member, lead in chain(first, _people(again, leads)):
        yield _line(_cells(member, lead, list(names))).encode()


def _people(members: Iterable[MemberView], leads: Leads) -> Iterator[tuple[MemberView, Lead]]:
    reading = iter(members)
    while part := list(islice(reading, _AT_A_TIME)):
        yield from zip(part, leads([member.contact_id for member in part]), strict=True)


def _cells(member: MemberView, lead: Lead, names: Sequence[str]) -> Iterator[str]:
    yield from (str(member.position + 1), member.state, member.reason)
    yield from (getattr(lead, name) or "" for name in _FIELDS)
    variables = _variables(lead)
    yield from (str(variables.get(name, "")) for name in names)


def _variables(lead: Lead) -> dict[str, str]:
    found: dict[str, str] = json.loads(lead.variables) if lead.variables else {}
    return found


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(neutralise, cells))
    return text.getvalue()
