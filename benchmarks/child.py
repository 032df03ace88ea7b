"""What a measured process tells about itself, and how it is started."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Stopwatch:
    """Wall time and processor time of a block."""

    def __enter__(self) -> Self:
        self._begin = time.perf_counter()
        self._cpu_begin = _cpu_seconds()
        self._end: float | None = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end = time.perf_counter()
        self.cpu_seconds = _cpu_seconds() - self._cpu_begin

    @property
    def seconds(self) -> float:
        """Seconds until the block's end, or until now while it lasts."""
        return (self._end or time.perf_counter()) - self._begin


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mib() -> float:
    """Return the most memory this process has had, in MiB."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def report(watch: Stopwatch, **figures: float) -> None:
    """Tell the parent what was measured; the last line of the output."""
    told = {
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "peak_mib": peak_mib(),
        **figures,
    }
    print(json.dumps(told))


def run(module: str, *arguments: object) -> dict[str, Any]:
    """Run a side in a fresh process and return what it reports."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told
