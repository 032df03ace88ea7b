"""Keeps programs running: starts them, starts them again, stops them together.

Each program is the leader of a process group of its own, so that whatever it started can be ended
with it, and each asks the kernel to be stopped when the supervisor is gone: there are no orphans.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from maverick_runners.lifeline import StopWish

_LOOK_SECONDS: Final = 0.1
_STEADY_SECONDS: Final = 30.0  # a program that ran this long is started again at once
_LONGEST_PAUSE_SECONDS: Final = 30.0
_KILL_AFTER_SECONDS: Final = 10.0  # beyond the time that the programs give themselves

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """A command to keep running, and what people call it."""

    name: str
    command: Sequence[str]


class Supervisor:
    """Runs programs until it is asked to stop."""

    def __init__(self, programs: Sequence[Program], *, stop_seconds: float) -> None:
        """Keep ``programs`` running and give them ``stop_seconds`` to end in the end."""
        self._running = [_Kept(program) for program in programs]
        self._stop_seconds = stop_seconds

    def run(self) -> int:
        """Run until SIGTERM or SIGINT, stop all, and return the exit code.

        A second signal kills what is still there.
        """
        wish = StopWish()
        while not wish:
            for each in self._running:
                each.tend()
            time.sleep(_LOOK_SECONDS)
        return self._stop(wish)

    def _stop(self, wish: StopWish) -> int:
        for each in self._running:
            each.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._stop_seconds + _KILL_AFTER_SECONDS
        while any(each.alive for each in self._running):
            if wish.times > 1 or time.monotonic() > deadline:
                for each in self._running:
                    each.kill()
                return 1
            time.sleep(_LOOK_SECONDS)
        return 0


class _Kept:
    """One program and its present process."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._due = 0.0
        self._falls = 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        """Start it if it is not there and its time has come; note it when it has gone."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._due:
                self._start(now)
        elif self._process.poll() is not None:
            self._note_end(self._process, now)

    def _start(self, now: float) -> None:
        self._started = now
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            self._program.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _note_end(self, process: subprocess.Popen[bytes], now: float) -> None:
        self.kill()  # whatever of its group is left
        self._process = None
        if process.returncode == 0 or now - self._started > _STEADY_SECONDS:
            self._falls = 0
        else:
            self._falls += 1
        pause = min(_LONGEST_PAUSE_SECONDS, 2.0 ** (self._falls - 2)) if self._falls else 0.0
        self._due = now + pause
        if process.returncode:
            _log.error(
                "program ended",
                program=self._program.name,
                exit_code=process.returncode,
                again_in_seconds=pause,
            )

    def signal(self, number: signal.Signals) -> None:
        """Tell the leader of the group, who tells its own."""
        if self._process is not None and self.alive:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the whole group."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
