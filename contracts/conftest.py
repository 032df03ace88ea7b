"""The adapters that the suites run on, each made by a factory when a case first asks for it.

Fixtures are asked for by name, case by case, so a server that is absent hides only its own cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from contracts.store.site import LEASE, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.pipeline.invariants import broken

SiteFactory = Callable[[], Site]


@pytest.fixture(scope="session")
def memory_sites() -> SiteFactory:
    """Call it for an empty store in memory."""

    def make() -> Site:
        clock = ManualClock()
        return Site(MemoryStore(clock), clock, lambda: clock.advance(LEASE))

    return make


@pytest.fixture(params=["memory"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Give one empty store of each adapter; whatever a case does, the laws hold after it."""
    factory: SiteFactory = request.getfixturevalue(f"{request.param}_sites")
    site = factory()
    yield site
    assert broken(site.record.snapshot()) == []
