"""Workers that die at a step, or whose clock turns, when a file in their folder says so.

Run as a program it is `maverick up` with such workers for uploads. The product knows nothing of
it: the upload is stepped through from outside, as the crash-point tests do.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from maverick_adapters.container import Wired
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import SqlStore
from maverick_adapters.vault import Vault
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.upload.service import Ended, UploadBatch
from maverick_runners import master, relay
from maverick_runners.app import Brokers
from maverick_runners.supervisor import Supervisor
from tests.services.processes import family, parents

THREADS: Final = 3
OVER: Final = "over"
"""The label of the moment after the last step, before the message is acknowledged."""

_DOOM: Final = "doom.json"
_CLOCK: Final = "clock"


@dataclass(frozen=True, slots=True)
class Doom:
    """Who dies, before which step, the how-manieth one of the process."""

    victim: str
    label: str
    nth: int = 1
    for_ever: bool = False
    """Whether the next process meets it too."""

    def spell(self, folder: Path) -> None:
        """Let it happen to the workers of that folder."""
        _put(folder / _DOOM, json.dumps(asdict(self)))


def met(folder: Path) -> bool:
    """Say whether the doom has come true."""
    return not (folder / _DOOM).exists()


def turn_clock(folder: Path, by: timedelta) -> None:
    """Turn the clock of the workers of that folder."""
    _put(folder / _CLOCK, str(by.total_seconds()))


def _put(path: Path, text: str) -> None:
    """Write all at once: workers read it at any moment."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


class Fate:
    """Counts the moments of this process, and looks for its doom at each."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._steps: Counter[str] = Counter()
        self._lock = threading.Lock()

    def comes(self, label: str) -> None:
        """Live through a moment, or not."""
        with self._lock:
            self._steps[label] += 1
            try:
                doom = Doom(**json.loads(Path(_DOOM).read_text()))
            except FileNotFoundError:
                return
            if doom.label != label or self._steps[label] < doom.nth:
                return
            if not doom.for_ever:
                Path(_DOOM).unlink()
            for victim in VICTIMS[doom.victim]():
                os.kill(victim, signal.SIGKILL)


class _Doomed:
    """Takes an upload's steps one by one, and looks for its doom before each."""

    def __init__(self, upload: UploadBatch) -> None:
        self._upload = upload
        self._fate = Fate()

    def __call__(self, batch_id: int, *, worker: str) -> Ended:
        upload = self._upload.start(batch_id, worker=worker)
        while not upload.ended:
            self._fate.comes(upload.label)
            upload.step()
        if upload.ended.result != "not_claimed":
            self._fate.comes(OVER)
        return upload.ended


def _supervisor() -> int:
    return parents()[os.getppid()]


VICTIMS: Final[Mapping[str, Callable[[], Sequence[int]]]] = {
    "worker": lambda: [os.getpid()],
    "master": lambda: [os.getppid()],
    "supervisor": lambda: [_supervisor()],
    "everything": lambda: sorted(family(_supervisor()), key=lambda pid: pid == os.getpid()),
}
"""Whom a worker can take with it; itself the last, or nobody would be left to do it."""


class _Turned:
    """A clock that is off by what the file says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        try:
            by = float(Path(_CLOCK).read_text())
        except FileNotFoundError:
            by = 0.0
        return self._clock.now() + timedelta(seconds=by)


def _doom(wired: Wired) -> Wired:
    secret = wired.settings.secret_key
    vault = Vault.from_secret(secret.get_secret_value() if secret else "")
    clock = _Turned(wired.clock)
    store = SqlStore(wired.engine, clock, vault)
    upload = replace(wired.upload_batch, record=store, leads=store)
    doomed: Any = _Doomed(upload)
    return replace(wired, clock=clock, store=store, upload_batch=doomed)


brokers: Final = Brokers(_doom)


def main() -> int:
    """Run relay and doomed workers until asked to stop."""
    uploads = master.program(UPLOAD_QUEUE, THREADS, app="tests.chaos.doomed:brokers")
    stop_seconds = load_settings().stop_seconds
    return Supervisor([relay.program(), uploads], stop_seconds=stop_seconds).run()


if __name__ == "__main__":
    raise SystemExit(main())
