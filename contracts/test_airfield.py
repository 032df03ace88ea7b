"""``Airfield`` and ``Flights``: requests of one upload in the air, landing in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Barrier

import pytest

from maverick_adapters.memory import InstantAirfield, ManualClock
from maverick_adapters.system import ThreadAirfield
from maverick_core.pipeline.upload.answers import Accepted, Answer
from maverick_core.pipeline.upload.ports import Airfield, Flights

SOON, LONG, DAY = 0.01, 30.0, 86_400.0  # seconds


@dataclass(frozen=True)
class Field:
    """An airfield, and how its process is asked to stop."""

    airfield: Airfield
    stop: Callable[[], None]


@contextmanager
def instant() -> Iterator[Field]:
    """Open the one whose requests land as they are launched."""
    airfield = InstantAirfield(ManualClock())

    def stop() -> None:
        airfield.closed = True

    yield Field(airfield, stop)


@contextmanager
def thread() -> Iterator[Field]:
    """Open the one with threads."""
    airfield = ThreadAirfield(2)
    yield Field(airfield, airfield.stop)
    airfield.close()


@pytest.fixture(params=[instant, thread], ids=lambda opened: opened.__name__)
def field(request: pytest.FixtureRequest) -> Iterator[Field]:
    """Give each airfield."""
    with request.param() as opened:
        yield opened


def answer(number: int) -> Answer:
    """Return an answer that can be told from others."""
    return Accepted([number])


def after(wait: Callable[[], object], number: int) -> Answer:
    """Wait, then answer."""
    wait()
    return answer(number)


def land_all(flights: Flights, count: int) -> dict[int, Answer]:
    """Wait until ``count`` requests have landed."""
    landed: dict[int, Answer] = {}
    while len(landed) < count:
        landed.update(flights.landed(LONG))
    return landed


def test_every_request_lands_once_with_its_own_answer(field: Field) -> None:
    """More of them than there is room for at a time."""
    flights = field.airfield.flights()
    for number in range(20):
        flights.launch(number, partial(answer, number))

    assert land_all(flights, 20) == {number: answer(number) for number in range(20)}
    assert flights.landed(SOON) == []


def test_each_upload_hears_of_its_own_requests_only(field: Field) -> None:
    """The numbers of two uploads are the same; their flights are not."""
    mine, yours = field.airfield.flights(), field.airfield.flights()
    mine.launch(1, partial(answer, 1))
    yours.launch(1, partial(answer, 2))

    assert land_all(yours, 1) == {1: answer(2)}
    assert land_all(mine, 1) == {1: answer(1)}


def test_a_defect_in_a_request_is_raised_where_the_upload_notices(field: Field) -> None:
    """It is not an answer, and it is not lost: the upload breaks off."""
    flights = field.airfield.flights()

    def broken() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - at launch where that is all there is
        flights.launch(1, broken)
        flights.landed(LONG)


def test_asking_the_process_to_stop_reaches_every_upload_and_ends_its_rest(field: Field) -> None:
    """Those that were open before and those that open later; a day's rest is over."""
    before = field.airfield.flights()
    assert not before.stopping()
    field.stop()

    assert before.stopping()
    assert field.airfield.flights().stopping()
    before.rest(DAY)


def test_a_draw_is_from_nought_to_one(field: Field) -> None:
    """One itself is never drawn."""
    flights = field.airfield.flights()

    assert all(0 <= flights.draw() < 1 for _ in range(100))


def test_threads_fly_together_and_launching_waits_for_none() -> None:
    """Two requests that wait for each other both land; a third waits on the ground meanwhile."""
    meet = Barrier(2, timeout=LONG)
    with thread() as opened:
        flights = opened.airfield.flights()
        for number in (1, 2):
            flights.launch(number, partial(after, meet.wait, number))
        flights.launch(3, partial(answer, 3))

        assert set(land_all(flights, 3)) == {1, 2, 3}
