"""``TokenProbe``: it says whose a token is, or that it is nobody's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.destinations import DESTINATIONS, IDENTITY, TOKEN, Destination
from maverick_core.kernel.errors import Unauthorised


@pytest.fixture(params=DESTINATIONS)
def destination(request: pytest.FixtureRequest) -> Iterator[Destination]:
    """Give one empty destination of each kind."""
    with DESTINATIONS[request.param]() as destination:
        yield destination


def test_a_good_token_says_whose_it_is(destination: Destination) -> None:
    """The workspace's id and name at Email Bison."""
    assert destination.probe.identify(TOKEN) == IDENTITY


@pytest.mark.parametrize("token", ["99|NobodysToken", "no token at all", "12|Ab\r\nX-Y: z", "é"])
def test_any_other_token_is_refused(destination: Destination, token: str) -> None:
    """The refusal does not repeat it: part of it may be right."""
    with pytest.raises(Unauthorised) as refused:
        destination.probe.identify(token)

    assert refused.value.code == "token_refused"
    assert token not in f"{refused.value!r} {refused.value} {refused.value.remedy}"


def test_a_token_that_was_good_can_be_refused_later(destination: Destination) -> None:
    """Every call asks anew."""
    destination.probe.identify(TOKEN)
    destination.lock_out()

    with pytest.raises(Unauthorised):
        destination.probe.identify(TOKEN)
