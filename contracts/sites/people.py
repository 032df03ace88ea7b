"""The people of the example sites: made up, and the same whenever they are asked for."""

from __future__ import annotations

from typing import NamedTuple

_FIRST = ("Ann", "Bob", "Cy", "Dee", "Eve", "Flo", "Gus", "Hal", "Ida", "Jo", "Kim", "Lou")
_LAST = ("Adler", "Baker", "Cole", "Drew", "Ellis", "Frost", "Grant", "Hayes", "Ingram")
_STATES = ("OH", "NY", "TX", "FL", "CA")
_LINES = ("auto", "home", "life", "commercial")


class Person(NamedTuple):
    """An agent somewhere."""

    number: int
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    state: str
    line: str


def person(site: str, number: int) -> Person:
    """Return the site's person with this number."""
    first = _FIRST[number % len(_FIRST)]
    last = _LAST[number % len(_LAST)]
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        company=f"{last} Insurance {number // len(_LAST)}",
        email=f"{first}.{last}{number}@{site}.example".lower(),
        phone=f"(614) 555-{number % 10_000:04d}",
        state=_STATES[number % len(_STATES)],
        line=_LINES[number % len(_LINES)],
    )
