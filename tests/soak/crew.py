"""`maverick up`: who of it is killed, who comes back, how much memory they take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from maverick_runners.app import ACTORS
from tests.services.processes import family, memory_mib, role, running

VICTIMS: Final = {
    "worker": {f"{queue}'s worker" for queue in ACTORS},
    "master": set(ACTORS),
    "relay": {"relay"},
    "supervisor": {"supervisor"},
}
_END_SECONDS: Final = 60.0
_MAVERICK: Final = str(Path(sys.executable).with_name("maverick"))


@dataclass
class Crew:
    """The processes of production, and what they write."""

    folder: Path
    environment: Mapping[str, str]
    memory: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """What processes of each role had, each time that somebody looked, in MiB."""

    def start(self) -> None:
        """Start everything."""
        with (self.folder / "log").open("ab") as log:
            self._up = subprocess.Popen(
                [_MAVERICK, "up"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def gone(self) -> list[str]:
        """Say so if `maverick up` ended by itself, with the last that was written."""
        code = self._up.poll()
        if code is None:
            return []
        last = "; ".join(self.log().splitlines()[-2:])
        return [f"maverick up ended by itself, exit code {code}: {last}"]

    def stop(self) -> list[str]:
        """Stop everything; return what is wrong with how it ended."""
        everybody = family(self._up.pid)
        self._up.terminate()
        deadline = time.monotonic() + _END_SECONDS
        while (left := running(everybody)) and time.monotonic() < deadline:
            self._up.poll()
            time.sleep(0.1)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return [f"{len(left)} processes did not stop when they were asked to"] if left else []

    def kill(self, victim: str, rng: Random) -> bool:
        """Kill -9 one of a kind; a supervisor is started again. False if there was none."""
        found = [pid for pid in family(self._up.pid) if role(pid) in VICTIMS[victim]]
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(rng.choice(found), signal.SIGKILL)
        if victim == "supervisor":
            self._up.wait()
            self.start()
        return True

    def weigh(self) -> None:
        """Note what every process has now."""
        for pid in family(self._up.pid):
            if name := role(pid):
                self.memory[name].append(memory_mib(pid))

    def log(self) -> str:
        """Return what all of them wrote."""
        return (self.folder / "log").read_text(errors="replace")
