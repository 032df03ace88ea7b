"""A contact as it travels to the destination."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Lead(NamedTuple):
    """What is sent of one contact. A tuple, because a chunk of 500 is made on every request.

    ``variables`` is a JSON object of custom variables (name to text), or None where there are none.
    Empty fields are None. Never log one: it is a person.
    """

    contact_id: int
    email: str
    first_name: str
    last_name: str | None
    title: str | None
    company: str | None
    notes: str | None
    variables: str | None


# Email Bison documents no limits; its fields are 255-character columns as far as anyone has seen.
FIELD_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {"first_name": 255, "last_name": 255, "title": 255, "company": 255, "notes": 4_000}
)
VARIABLE_LIMIT: Final = 1_000  # characters in one custom variable
