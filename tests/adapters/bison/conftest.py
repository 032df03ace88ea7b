"""A scene for every test that wants one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.bison.scene import Scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Give the stub as it is seen live, with acme ready to push."""
    with Scene() as scene:
        yield scene
