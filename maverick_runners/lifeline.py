"""How processes end: none outlives the one that started it, and a wish to stop is heard."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from types import FrameType
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel ask this process to stop when the one that started it is gone (Linux only).

    The request is SIGTERM: work is finished or handed back. ``parent`` is the process that is
    expected to be there; where it is gone by now, this process ends here.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def call_through(line: int) -> None:
    """Pass on, to the supervisor that holds the other end of ``line``, what a worker here calls."""
    signal.signal(signal.SIGUSR1, lambda *_: os.write(line, b"."))


def call_supervisor() -> None:
    """Call, from a worker, by way of its master: first that it works, then for a successor."""
    os.kill(os.getppid(), signal.SIGUSR1)


class StopWish:
    """Hears SIGTERM and SIGINT; ``times`` is how often it was asked to stop."""

    def __init__(self) -> None:
        """Listen from now on; only in a main thread."""
        self.times = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.times += 1

    def __bool__(self) -> bool:
        return self.times > 0
