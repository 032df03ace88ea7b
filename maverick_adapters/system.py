"""The real clock, the real dice and the threads that requests fly on.

The one module that may ask the machine for the time or for randomness (ruff TID251 elsewhere).
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from maverick_core.pipeline.upload.answers import Answer


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


class SystemRandomness:
    """The machine's source of what nobody can guess."""

    def random_bytes(self, count: int) -> bytes:
        """Return so many bytes, fit for secrets."""
        return secrets.token_bytes(count)


def worker_name() -> str:
    """Return the name that people see for this thread: host, process, thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"


class ThreadAirfield:
    """Requests fly on a pool of threads that all uploads of this process share.

    Each thread keeps its own connections (the Bison adapter's clients are per thread), so the pool
    bounds the connections of the process too.
    """

    def __init__(self, threads: int) -> None:
        """Open an airfield for at most ``threads`` requests at a time."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._stopping = threading.Event()

    def flights(self) -> ThreadFlights:
        """Return fresh flights."""
        return ThreadFlights(self._pool, self._stopping)

    def stop(self) -> None:
        """Ask every upload to stop after what is under way; returns at once."""
        self._stopping.set()

    def close(self) -> None:
        """Wait for what is under way and end the threads."""
        self._stopping.set()
        self._pool.shutdown(wait=True)


class ThreadFlights:
    """The flights of one upload."""

    def __init__(self, pool: ThreadPoolExecutor, stopping: threading.Event) -> None:
        """Fly on ``pool`` until ``stopping`` is set."""
        self._pool = pool
        self._stopping = stopping
        self._landed: SimpleQueue[tuple[int, Answer | BaseException]] = SimpleQueue()

    def launch(self, request: int, call: Callable[[], Answer]) -> None:
        """Hand ``call`` to the pool."""
        self._pool.submit(self._fly, request, call)

    def _fly(self, request: int, call: Callable[[], Answer]) -> None:
        try:
            self._landed.put((request, call()))
        except BaseException as defect:  # noqa: BLE001 - raised again where the answer is awaited
            self._landed.put((request, defect))

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Wait for one, then take all that are there. Raises what a call raised: a defect."""
        arrived = []
        try:
            arrived.append(self._landed.get(timeout=timeout_seconds))
            while True:
                arrived.append(self._landed.get_nowait())
        except Empty:
            pass
        return [(request, _checked(answer)) for request, answer in arrived]

    def rest(self, seconds: float) -> None:
        """Wait, but no longer than until the worker is asked to stop."""
        self._stopping.wait(seconds)

    def draw(self) -> float:
        """Throw the dice."""
        return random.random()  # noqa: TID251 - these are the dice

    def stopping(self) -> bool:
        """Say whether ``stop`` was called."""
        return self._stopping.is_set()


def _checked(answer: Answer | BaseException) -> Answer:
    if isinstance(answer, BaseException):
        raise answer
    return answer
