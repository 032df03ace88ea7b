"""The town that everything here happens in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.security.town import Town


@pytest.fixture(scope="session")
def built_town() -> Town:
    """Build a town."""
    return Town()


@pytest.fixture
def town(built_town: Town) -> Iterator[Town]:
    """Give a town as it was built, and leave it so."""
    built_town.rewind()
    yield built_town
    built_town.rewind()
