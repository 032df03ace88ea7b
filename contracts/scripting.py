"""Faults laid out beforehand for a stub, each used up by the call that it meets."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Scripted(Protocol):
    """A fault, and how many calls it meets."""

    @property
    def times(self) -> int:
        """How many calls it meets before it is used up."""
        ...


Fault = TypeVar("Fault", bound=Scripted)


class Script(Generic[Fault]):
    """The faults in force, in the order of their scripting."""

    def __init__(self, meets: Callable[[Fault], str]) -> None:
        """Take what says which call a fault meets."""
        self._meets = meets
        self._left: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._lock:
            self._left += [fault] * fault.times

    def met(self, call: str) -> Fault | None:
        """Return the fault that meets this call; it is used up by that."""
        with self._lock:
            for place, fault in enumerate(self._left):
                if self._meets(fault) == call:
                    return self._left.pop(place)
        return None
