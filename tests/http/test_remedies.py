"""What to do about an error, said to somebody who has no command line."""

from __future__ import annotations

import re

import pytest

from maverick_http.remedies import REMEDIES, remedy_over_http
from tests.http.security.town import ROUTES
from tools.reference.codes import raised, remedies_of

EVERY_REMEDY = sorted(
    (code, remedy) for code, calls in raised().items() for remedy in remedies_of(calls) if remedy
)
"""Of every error there is, by its code, as the page of the codes has them."""


def speaks_of_commands(text: str) -> bool:
    """Say whether the text is for somebody at a command line."""
    return "maverick " in text or "--" in text


@pytest.mark.parametrize(("code", "remedy"), EVERY_REMEDY)
def test_no_remedy_over_http_names_a_command(code: str, remedy: str) -> None:
    """It says the route or the field instead, or nothing; all other words stay as they are."""
    told = remedy_over_http(code, remedy)

    assert not speaks_of_commands(told)
    assert told == remedy or speaks_of_commands(remedy)


def test_every_remedy_of_our_own_is_for_one_that_names_a_command() -> None:
    """One that is not needed any more would be read by nobody."""
    needed = {code for code, remedy in EVERY_REMEDY if speaks_of_commands(remedy)}

    assert needed
    assert set(REMEDIES) <= needed


def test_the_routes_that_remedies_name_are_there() -> None:
    """By method and path."""
    named = re.findall(r"[A-Z]+ /api/[^ ,]+", " ".join(REMEDIES.values()))

    assert named
    assert set(named) <= {f"{route.method} {route.path}" for route in ROUTES}
