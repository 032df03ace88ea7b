"""What all stages have in common: time that passes, workers that die, and the laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from contracts.machines.lockstep import Lockstep
from contracts.machines.stages.places import Crash, StagePlace
from contracts.machines.stages.told import audited
from contracts.store.site import LEASE, SiteFactory
from maverick_core.pipeline.invariants import raw_buckets_add_up

CHUNK: Final = 2  # leads in one request
HOUR: Final = 3_600
DAY: Final = 24 * HOUR
BEFORE, AFTER = "before", "after"

deaths = st.sampled_from(["", "", "", BEFORE, AFTER])
"""When a worker dies: before a page is closed, or between that and its being on record."""
limits = st.integers(1, 3)
"""Rows of a page."""

Tell = Callable[[StagePlace], object]
Held = TypeVar("Held")


class Stage(Lockstep[StagePlace]):
    """Drives stores through some stages; ``tells`` are what they are compared by."""

    tells: ClassVar[tuple[Tell, ...]] = ()

    def __init__(self, *factories: SiteFactory) -> None:
        """Take a fresh store of each factory."""
        sites = [factory(chunk_size=CHUNK) for factory in factories]
        super().__init__([StagePlace(site, self.tells) for site in sites])

    @rule(seconds=st.sampled_from([1, 1, LEASE, 5 * HOUR, DAY, 15 * DAY, 31 * DAY]))
    def wait(self, seconds: float) -> None:
        """Let time pass: workers are late, days begin, beliefs end."""
        self.together(lambda place: place.wait(seconds))

    @invariant()
    def the_laws_hold(self) -> None:
        """Ask the laws of every store: their marks are their own."""
        for place in self.places:
            assert raw_buckets_add_up(place.raw) == []

    def teardown(self) -> None:
        """Have everything counted anew, which takes its time on a database."""
        audits = [audited(place) for place in self.places]
        assert all(audit == audits[0] for audit in audits), audits


def dies(death: str, when: str) -> None:
    """Die, if it is time to."""
    if death == when:
        raise Crash


def survived(act: Callable[[], object]) -> object:
    """Return what the act gives, or that its worker died."""
    try:
        return act()
    except Crash:
        return "died"
