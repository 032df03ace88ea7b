"""Stop dead, or freeze, at every step of every stage: the whole pipeline ends where it would have.

Equal at the end are every raw contact with its verdict, every candidate's, every contact's state,
what Email Bison holds, what is rejected and what was corrected, the month's account, the master
list, and what the provider was paid for. ``day.end`` says what may differ, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.machines.mortal import Life
from contracts.machines.pipeline.day import (
    DAY,
    Deaths,
    Work,
    end,
    every_death,
    every_sleep,
    live,
)
from contracts.machines.pipeline.laws import broken
from contracts.machines.pipeline.worker import STAGES
from contracts.store.site import SiteFactory

ONE_LEAD: Final = 1  # a request, so that a batch of two has two of them
PLACES: Final = tuple(place for place, step in enumerate(DAY) if isinstance(step, Work))
FEW: Final = 4  # deaths in a row: a fifth worker that gets nothing done ends a batch, or an import
DEATHS: Final = st.dictionaries(
    st.sampled_from(PLACES), st.lists(st.integers(1, 60), min_size=1, max_size=FEW), max_size=6
)


class Quiet(NamedTuple):
    """The day without a death: where it ends, and the lives of its workers by place."""

    end: Mapping[str, object]
    lives: Mapping[int, Life]


@pytest.fixture(scope="module")
def quiet(memory_sites: SiteFactory) -> Quiet:
    """Live the day undisturbed; all that workers can do has something to do in it."""
    world, lives = live(memory_sites(ONE_LEAD))

    assert broken(world, at_rest=True) == []
    assert {step.stage for step in DAY if isinstance(step, Work)} == STAGES.keys()
    return Quiet(end(world), lives)


def check(sites: SiteFactory, quiet: Quiet, deaths: Deaths, *, sleep: bool = False) -> None:
    """Live the day with these deaths, and compare where it ends."""
    world, _ = live(sites(ONE_LEAD), deaths, sleep=sleep)

    assert broken(world, at_rest=True) == [], deaths
    assert end(world) == quiet.end, deaths


def test_whatever_step_a_worker_dies_at_the_pipeline_ends_where_it_would_have(
    memory_sites: SiteFactory, quiet: Quiet
) -> None:
    """Before each call of a port, in a transaction, and after its commit.

    In one day a worker dies at the same step of each stage: so a day for each step is enough.
    """
    days = list(every_death(quiet.lives))
    for deaths in days:
        check(memory_sites, quiet, deaths)

    assert len(days) > 50


def test_whatever_step_a_worker_freezes_at_another_one_makes_it_good(
    memory_sites: SiteFactory, quiet: Quiet
) -> None:
    """It wakes when its leases are over and the stage is done, and goes on as if nothing was."""
    for sleeps in every_sleep(quiet.lives):
        check(memory_sites, quiet, sleeps, sleep=True)


@settings(max_examples=100)
@given(deaths=DEATHS, sleep=st.booleans())
def test_many_deaths_are_as_good_as_none(
    memory_sites: SiteFactory,
    quiet: Quiet,
    deaths: Deaths,
    *,
    sleep: bool,
) -> None:
    """Several workers one after the other, in several stages of a day."""
    check(memory_sites, quiet, deaths, sleep=sleep)


@pytest.mark.parametrize(("third", "sleep"), [(1, False), (2, True)], ids=["dead", "frozen"])
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_both_databases_end_there_too(
    request: pytest.FixtureRequest, quiet: Quiet, database: str, third: int, *, sleep: bool
) -> None:
    """Somebody dies in each stage of the day after a third of its steps, or freezes after two."""
    sites: SiteFactory = request.getfixturevalue(f"{database}_sites")
    deaths = {place: [1 + life.steps * third // 3] for place, life in quiet.lives.items()}

    check(sites, quiet, deaths, sleep=sleep)
