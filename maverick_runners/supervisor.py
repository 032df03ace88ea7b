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
    relieved: bool = False
    """Whether a successor works before it is asked to stop.

    It is told a file descriptor as its last argument, and calls there, a byte each time: first that
    it works, then that it has done its share.
    """


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
    """One program, its present process, and those that come and go beside it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._present: _Process | None = None
        self._next: _Process | None = None
        self._leaving: list[_Process] = []
        self._due = 0.0
        self._falls = 0

    @property
    def alive(self) -> bool:
        return any(process.alive for process in self._all)

    @property
    def _all(self) -> Sequence[_Process]:
        return [each for each in (self._present, self._next, *self._leaving) if each]

    def tend(self) -> None:
        """Start it if it is not there and its time has come; note it when it has gone."""
        now = time.monotonic()
        for process in [each for each in self._all if not each.alive]:
            self._note_end(process, now)
        if now < self._due:
            return
        if self._present is None:
            self._present, self._next = self._next or _Process(self._program), None
        elif self._next is None:
            if self._present.calls > 1:
                self._next = _Process(self._program)
        elif self._next.calls:
            self._present.signal(signal.SIGTERM)
            self._leaving.append(self._present)
            self._present, self._next = self._next, None

    def _note_end(self, process: _Process, now: float) -> None:
        process.kill()  # whatever of its group is left
        self._present = None if process is self._present else self._present
        self._next = None if process is self._next else self._next
        self._leaving = [each for each in self._leaving if each is not process]
        code = process.exit_code
        if code == 0 or now - process.started > _STEADY_SECONDS:
            self._falls = 0
        else:
            self._falls += 1
        pause = min(_LONGEST_PAUSE_SECONDS, 2.0 ** (self._falls - 2)) if self._falls else 0.0
        self._due = now + pause
        if code:
            _log.error(
                "program ended",
                program=self._program.name,
                exit_code=code,
                again_in_seconds=pause,
            )

    def signal(self, number: signal.Signals) -> None:
        """Tell the leader of each group, who tells its own."""
        for process in self._all:
            process.signal(number)

    def kill(self) -> None:
        """End every group."""
        for process in self._all:
            process.kill()


class _Process:
    """A process of a program, the leader of a group, and the line that it calls by."""

    def __init__(self, program: Program) -> None:
        self.started = time.monotonic()
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self._line = os.fdopen(ours, "rb", buffering=0)
        line = [str(theirs)] if program.relieved else []
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            [*program.command, *line],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[theirs] if program.relieved else [],
        )
        os.close(theirs)
        self._calls = 0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    @property
    def calls(self) -> int:
        """How often it has called."""
        self._calls += len(self._line.read(16) or b"")
        return self._calls

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the whole group, and hang up."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._line.close()
