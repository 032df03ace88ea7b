"""The laws have teeth: each plausible mistake of a store or a driver is caught, and soon."""

from __future__ import annotations

from itertools import count
from typing import Final

import pytest

from contracts.machines import mutant_drivers, mutants
from contracts.machines.simulation import Broken, simulate
from contracts.machines.weather import SimulatedFlights
from contracts.machines.world import WatchedStore

SOON: Final = 150  # seeds, half of what every test run tries

STORES: Final = [
    mutants.CountsWhenSending,
    mutants.RequeuesAnything,
    mutants.NeverHeedsCancel,
    mutants.NoFence,
    mutants.ForgivingNoFence,
    mutants.CounterInsteadOfLedger,
    mutants.RequeueForgetsOutcomes,
    mutants.SkipsAreAccepted,
    mutants.ReservesWithoutLock,
    mutants.RecordsTwice,
    mutants.IgnoresHold,
    mutants.CancelDropsDoubt,
    mutants.CancelForgetsToAttach,
    mutants.ForgetsTheIntent,
    mutants.ClaimsForEver,
    mutants.NotSentIsPlanned,
]
DRIVERS: Final = [mutant_drivers.TimeOutIsReject, mutant_drivers.OutageIsLimit]


def seeds_until_caught(
    store_type: type[WatchedStore] = WatchedStore,
    flights_type: type[SimulatedFlights] = SimulatedFlights,
) -> int:
    """Return how many histories it takes until a law speaks, at most one more than ``SOON``."""
    for tried in count(1):
        try:
            simulate(tried, store_type=store_type, flights_type=flights_type)
        except Broken:
            return tried
        if tried > SOON:
            return tried
    raise AssertionError


@pytest.mark.parametrize("mutant", STORES, ids=lambda mutant: mutant.__name__)
def test_a_store_with_one_mistake_is_caught(mutant: type[WatchedStore]) -> None:
    """The docstring of each mutant is the mistake."""
    assert seeds_until_caught(store_type=mutant) <= SOON


@pytest.mark.parametrize("mutant", DRIVERS, ids=lambda mutant: mutant.__name__)
def test_a_driver_that_misreads_silence_is_caught(mutant: type[SimulatedFlights]) -> None:
    """What is not known is not known: neither a no nor a not yet."""
    assert seeds_until_caught(flights_type=mutant) <= SOON
