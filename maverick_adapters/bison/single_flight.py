"""One question at a time: who asks the same while it is under way shares the answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")


class SingleFlight(Generic[_Answer]):
    """Joins calls for the same key. Nothing is kept once the call is over."""

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._lock = Lock()
        self._flights: dict[Hashable, Future[_Answer]] = {}

    def do(self, key: Hashable, call: Callable[[], _Answer]) -> _Answer:
        """Return what ``call`` returns, or raise what it raises, made here or by another thread."""
        with self._lock:
            under_way = self._flights.get(key)
            flight = self._flights[key] = under_way or Future()
        if under_way:
            return under_way.result()
        try:
            flight.set_result(call())
        except BaseException as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flights[key]
        return flight.result()
