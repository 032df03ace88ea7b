"""The laws of the whole pipeline have teeth: each plausible mistake is caught, and soon.

The docstring of each mutant is the mistake. Most show only when somebody dies or freezes at the
wrong moment, and are caught by the day that has both at every step; what shows in the meeting of
people's decisions is caught by histories, which are drawn as the suite's are and not shortened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.machines.mortal import Life
from contracts.machines.pipeline import mutants
from contracts.machines.pipeline.day import Deaths, end, every_death, every_sleep, live
from contracts.machines.pipeline.history import ONE_LEAD, Pipeline
from contracts.machines.pipeline.worker import Worker
from contracts.machines.test_pipeline import HISTORIES
from contracts.store.site import LEASE, Site, SiteFactory
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.pipeline.batch import CHUNK_SIZE

WRONG: Final = (AssertionError, LookupError)
IN_HISTORIES: Final[list[type[MemoryStore | Worker]]] = [
    mutants.ForgetsTheMark,
    mutants.AsksSuppressionsOnlyAtPlanning,
    mutants.TakesLostForValid,
]
IN_THE_DAY: Final[list[type[MemoryStore | Worker]]] = [
    mutants.ResumesAtThePageAfter,
    mutants.ResumesAtThePageBefore,
    mutants.LooksAtAPageAgain,
    mutants.SettlesBeforeTheAnswerIsOnRecord,
    mutants.AsksAnew,
    mutants.TakesPagesFromAnybody,
]
SOON: Final = settings(
    HISTORIES,
    max_examples=150,  # half of what every test run tries
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


def with_mistake(mutant: type[MemoryStore | Worker]) -> tuple[SiteFactory, type[Worker]]:
    """Return the stores and the workers of a world that has this mistake."""
    store_type = mutant if issubclass(mutant, MemoryStore) else MemoryStore

    def make(chunk_size: int = CHUNK_SIZE) -> Site:
        clock = ManualClock()
        store = store_type(clock, chunk_size=chunk_size)
        return Site(store, clock, lambda: clock.advance(LEASE), lambda *_: store)

    return make, mutant if issubclass(mutant, Worker) else Worker


@pytest.mark.parametrize("mutant", IN_HISTORIES, ids=lambda mutant: mutant.__name__)
def test_a_mistake_in_what_people_decide_is_caught_by_a_history(
    mutant: type[MemoryStore | Worker],
) -> None:
    """Half of the histories that every run of the suite tries are enough."""
    sites, worker_type = with_mistake(mutant)
    parts = {"sites": staticmethod(sites), "worker_type": worker_type}
    machine: type[Pipeline] = type("Mutated", (Pipeline,), parts)

    with pytest.raises(WRONG):
        run_state_machine_as_test(machine, settings=SOON)


@pytest.mark.parametrize("mutant", IN_THE_DAY, ids=lambda mutant: mutant.__name__)
def test_a_mistake_in_what_a_crash_leaves_is_caught_by_the_day(
    memory_sites: SiteFactory, mutant: type[MemoryStore | Worker]
) -> None:
    """A law is broken after a death or a sleep, or the day ends elsewhere."""
    world, lives = live(memory_sites(ONE_LEAD))
    expected = end(world)
    sites, worker_type = with_mistake(mutant)

    def struck_everywhere() -> None:
        for deaths, sleep in strikes(lives):
            struck, _ = live(sites(ONE_LEAD), deaths, sleep=sleep, worker_type=worker_type)
            assert end(struck) == expected, deaths

    with pytest.raises(WRONG):
        struck_everywhere()


def strikes(lives: Mapping[int, Life]) -> Iterator[tuple[Deaths, bool]]:
    """Yield every death of the day, and then every sleep."""
    yield from ((deaths, False) for deaths in every_death(lives))
    yield from ((deaths, True) for deaths in every_sleep(lives))
