"""A process that carries a scrape run out and, where it is told so, dies on the way.

    python -m tests.e2e.scraper DATABASE RUN [MOMENT NTH]

kills itself at the nth moment of that name, counted from when it has the run: ``before fetch``,
``after page_done``, any call of a port of scraping; ``before commit`` of any transaction. Its lease
ends soon, so that nobody has to wait ten minutes for what it leaves.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sqlalchemy import event

from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_core.pipeline.scraping.ports import Run

LEASE_SECONDS: Final = 1.0


class Moment(NamedTuple):
    """When a process dies."""

    name: str
    nth: int


class Doom:
    """Counts moments from the claim on, and ends the process at one of them."""

    def __init__(self, moment: Moment | None) -> None:
        self._moment = moment
        self._met: Counter[str] = Counter()
        self._counts = False

    def comes(self, name: str) -> None:
        """Live through a moment, or not."""
        self._met[name] += self._counts
        if self._moment == (name, self._met[name]):
            os.kill(os.getpid(), signal.SIGKILL)

    def over(self, port: Any) -> Any:
        """Return the port with every call between two moments."""
        return _Watched(port, self)

    def called(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a port's method, if the process lives that long."""
        self.comes(f"before {method.__name__}")
        answer = method(*args, **kwargs)
        self._counts = self._counts or isinstance(answer, Run)
        self.comes(f"after {method.__name__}")
        return answer


class _Watched:
    def __init__(self, port: Any, doom: Doom) -> None:
        self._port = port
        self._doom = doom

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **kwargs: self._doom.called(method, *args, **kwargs)


def main(database_url: str, run_id: str, *moment: str) -> None:
    """Go on with the run as soon as it can be had."""
    doom = Doom(Moment(moment[0], int(moment[1])) if moment else None)
    settings = load_settings(_env_file=None, database_url=database_url, scrape_loopback=True)
    with wire(settings) as wired:
        event.listen(wired.engine, "commit", lambda _: doom.comes("before commit"))
        run = wired.run_source
        ports = {name: doom.over(getattr(run, name)) for name in ("runs", "pages", "turns")}
        mortal = replace(run, **ports, lease_seconds=LEASE_SECONDS)
        pause = threading.Event()
        while mortal(int(run_id), worker=str(os.getpid()), breath=wired.airfield.flights()) is None:
            pause.wait(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
