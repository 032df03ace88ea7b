"""A raw contact's fields, cleaned; what cannot be cleaned says which rule it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from maverick_core.kernel.text import BadText, clean_line, clean_lines
from maverick_core.pipeline.filtering.codes import FilterCode
from maverick_core.pipeline.filtering.names import (
    PersonName,
    first_of_couple,
    is_company,
    recased,
    split_plain,
)
from maverick_core.pipeline.filtering.ports import Candidate, Cleaner, RawContact
from maverick_core.pipeline.filtering.states import state_code
from maverick_core.pipeline.lead import FIELD_LIMITS, VARIABLE_LIMIT

_SHORT: Final = FIELD_LIMITS["company"]  # what a field of one line may have, where nothing says
_NAMES: Final = FIELD_LIMITS["first_name"] + FIELD_LIMITS["last_name"]


class Unfit(Exception):
    """A rule filters the contact; ``detail`` is for people and shows nothing of it."""

    def __init__(self, code: FilterCode, detail: str = "") -> None:
        """Say which rule, and where it helps which field."""
        super().__init__(code)
        self.code = code
        self.detail = detail


class Drafts:
    """Makes candidates of raw contacts."""

    def __init__(self, cleaner: Cleaner) -> None:
        """Ask ``cleaner`` about what is not plain."""
        self._cleaner = cleaner

    def draft(self, raw: RawContact, email: str) -> Candidate:
        """Return the candidate that ``raw`` would be, with its normalised e-mail.

        A phone number or a state that nobody can read is left out: nothing is lost by that, the raw
        contact keeps it.

        Raises:
            Unfit: a character or a length that no field may have, or no person's first name.

        """
        name = self._name(raw)
        phone = _line("phone", raw.phone)
        state = _line("state", raw.state)
        return Candidate(
            raw.id,
            email,
            name.first,
            name.last or None,
            _line("title", raw.title),
            _line("company", raw.company),
            self._cleaner.phone(phone) if phone else None,
            state_code(state) if state else None,
            _line("line_of_business", raw.line_of_business),
            _field("notes", raw.notes, clean_lines, FIELD_LIMITS["notes"]),
            _variables(raw.variables),
        )

    def _name(self, raw: RawContact) -> PersonName:
        first, last = _line("first_name", raw.first_name), _line("last_name", raw.last_name)
        full = None if first else _field("full_name", raw.full_name, clean_line, _NAMES)
        if is_company(full or first or ""):
            raise Unfit(FilterCode.NOT_A_PERSON)
        if full:
            first, last = self._split(full, last)
        if not first:
            raise Unfit(FilterCode.FIRST_NAME_MISSING)
        if max(len(first), len(last or "")) > FIELD_LIMITS["first_name"]:
            raise Unfit(FilterCode.FIELD_TOO_LONG, "Field: full_name")
        return PersonName(recased(first), recased(last or ""))

    def _split(self, full: str, last: str | None) -> PersonName:
        one = first_of_couple(full)
        if last and " " not in one:
            return PersonName(one, last)
        name = split_plain(one) or self._cleaner.person(one)
        return PersonName(name.first, last or name.last)


def _line(name: str, value: str | None) -> str | None:
    if not value:
        return None
    return _field(name, value, clean_line, _SHORT)


def _field(name: str, value: str | None, clean: Callable[[str], str], limit: int) -> str | None:
    if not value:
        return None
    try:
        text = clean(value)
    except BadText:
        raise Unfit(FilterCode.BAD_CHARACTER, f"Field: {name}") from None
    if len(text) > limit:
        raise Unfit(FilterCode.FIELD_TOO_LONG, f"Field: {name}")
    return text or None


def _variables(text: str | None) -> str | None:
    """Clean each value; nothing has to be done where all of it is short, plain ASCII."""
    if not text:
        return None
    if len(text) <= VARIABLE_LIMIT and text.isascii() and "\\" not in text:
        return text
    values = json.loads(text)
    cleaned = {
        name: _field("variables", value, clean_line, VARIABLE_LIMIT)
        for name, value in values.items()
    }
    left = {name: value for name, value in cleaned.items() if value}
    return json.dumps(left, ensure_ascii=False, separators=(",", ":")) if left else None
