"""The seam at which workers die: before each call of a port, and after what it did was committed.

A call that opens a transaction has a step more, between its work and its commit; the calls made
inside it are steps as well. So whoever dies at each step in turn leaves every state behind that a
killed process can leave. A worker may also *sleep* at a step, as a frozen process does: others come
meanwhile, and it goes on as if nothing had happened. Nobody sleeps in a transaction here: the
memory store would keep everybody out until it woke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any


class Killed(BaseException):
    """The process is gone; nobody handles that."""


class Life:
    """The steps of one worker, and at which one it dies; 0 is never.

    With ``meanwhile`` it does not die there: it sleeps, and that is what happens until it wakes.
    ``between`` are the steps so far at which no transaction was open, where it can sleep.
    """

    def __init__(self, ends_at: int = 0, meanwhile: Callable[[], object] | None = None) -> None:
        """Begin with no step taken."""
        self.steps = 0
        self.struck = False
        self.between: list[int] = []
        self._ends_at = ends_at
        self._meanwhile = meanwhile
        self._transactions = 0

    def step(self) -> None:
        """Take a step. Whoever died takes none any more, whatever handles exceptions on the way."""
        self.steps += 1
        if not self._transactions:
            self.between.append(self.steps)
        if not self._ends_at or self.steps < self._ends_at:
            return
        if self._meanwhile is None:
            self.struck = True
            raise Killed
        if not (self.struck or self._transactions):
            self.struck = True
            self._meanwhile()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Stay awake for the length of the block."""
        self._transactions += 1
        try:
            yield
        finally:
            self._transactions -= 1


class Mortal:
    """A port whose caller has only this ``life``."""

    def __init__(self, port: object, life: Life) -> None:
        """Serve as ``port`` does, until then."""
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        """Return the port's attribute; of a method, each call is a step before it and one after."""
        part = getattr(self._port, name)
        return self._mortal(part) if callable(part) else part

    def _mortal(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._life.step()
            result = method(*arguments, **named)
            if isinstance(result, AbstractContextManager):
                return self._held(result)
            self._life.step()
            return result

        return call

    @contextmanager
    def _held(self, held: AbstractContextManager[Any]) -> Iterator[Any]:
        with self._life.transaction(), held as inside:
            yield Mortal(inside, self._life)
            self._life.step()
        self._life.step()
