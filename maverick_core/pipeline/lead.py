"""A contact as it travels to the destination."""

from __future__ import annotations

from typing import NamedTuple


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
