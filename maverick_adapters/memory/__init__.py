"""Everything outside the core, in memory: what tests and simulations run on.

An adapter family like any other, held to the same contracts, and the readable reference for what
the ports mean.
"""

from maverick_adapters.memory.bison import MemoryBison, Pushed, TakenBut
from maverick_adapters.memory.clock import ManualClock
from maverick_adapters.memory.flights import InstantAirfield, InstantFlights
from maverick_adapters.memory.randomness import MemoryRandomness
from maverick_adapters.memory.store import MemoryStore

__all__ = [
    "InstantAirfield",
    "InstantFlights",
    "ManualClock",
    "MemoryBison",
    "MemoryRandomness",
    "MemoryStore",
    "Pushed",
    "TakenBut",
]
