"""Read by mypy only: every adapter satisfies every port that it is meant for.

Nothing imports this module. A method that is missing or has another shape fails the type check
here, with the names of both.
"""

from __future__ import annotations

from maverick_adapters.memory import (
    InstantAirfield,
    InstantFlights,
    ManualClock,
    MemoryBison,
    MemoryStore,
)
from maverick_adapters.memory.bison import MemorySink
from maverick_adapters.memory.targets import MemoryReservation
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.batching.ports import BatchPlans, Reservation
from maverick_core.pipeline.csv_import.ports import NewContacts
from maverick_core.pipeline.invariants import Books
from maverick_core.pipeline.upload.desk import BatchDesk
from maverick_core.pipeline.upload.ports import (
    Airfield,
    Flights,
    LeadSink,
    LeadSinks,
    LeadsToSend,
    UploadRecord,
)
from maverick_core.pipeline.views import BatchViews
from maverick_core.targets.ports import Targets
from maverick_core.workspaces.ports import TokenProbe, Tokens, Workspaces


def memory_store(store: MemoryStore) -> None:
    """``MemoryStore`` is the whole record."""
    _workspaces: Workspaces = store
    _tokens: Tokens = store
    _new_contacts: NewContacts = store
    _leads: LeadsToSend = store
    _targets: Targets = store
    _plans: BatchPlans = store
    _uploads: UploadRecord = store
    _desk: BatchDesk = store
    _views: BatchViews = store
    _books: Books = store


def memory_reservation(reservation: MemoryReservation) -> None:
    """``MemoryReservation`` is a month, locked."""
    _reservation: Reservation = reservation


def memory_bison(bison: MemoryBison, sink: MemorySink) -> None:
    """``MemoryBison`` is the destination."""
    _sinks: LeadSinks = bison
    _sink: LeadSink = sink
    _probe: TokenProbe = bison


def memory_time(clock: ManualClock, airfield: InstantAirfield, flights: InstantFlights) -> None:
    """Time and requests are in memory too."""
    _clock: Clock = clock
    _airfield: Airfield = airfield
    _flights: Flights = flights
