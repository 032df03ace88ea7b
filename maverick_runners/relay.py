"""The process that carries announcements to Redis and looks for work that nobody does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog

from maverick_adapters.container import Wired, wire
from maverick_adapters.logs import configure_logs
from maverick_adapters.queueing import BrokerQueues
from maverick_adapters.settings import load_settings
from maverick_core.access.service import ForgetRequests
from maverick_core.jobs.service import ForgetJobs, RelayOutbox, SettleLostJobs
from maverick_core.kernel.errors import Unavailable
from maverick_core.notifications.service import AnnounceNotifications
from maverick_core.operations.service import AnnounceOperations
from maverick_core.pipeline.raw_import.service import AnnounceImports, ForgetFiles
from maverick_core.pipeline.upload.sweep import AnnounceBatches
from maverick_core.topology.queues import QUEUES
from maverick_runners.brokers import redis_broker
from maverick_runners.lifeline import StopWish, die_with_parent
from maverick_runners.prefix import name_lines
from maverick_runners.supervisor import Program

_LOOK_SECONDS: Final = 0.02  # what an announcement waits at most where the queue is idle
_PAUSE_SECONDS: Final = 1.0  # after the database or Redis did not answer
_FORGET_SECONDS: Final = 3_600.0
_LIST_SECONDS: Final = 3_600.0  # how late the list of disposable domains may be asked for

_log = structlog.get_logger(__name__)


def program() -> Program:
    """Return the relay as a program, for a supervisor here."""
    return Program("relay", [sys.executable, "-m", "maverick_runners.relay", str(os.getpid())])


class Relay:
    """Relays, sweeps and forgets, each in its own time. Any number of relays may run."""

    def __init__(self, wired: Wired) -> None:
        """Relay what ``wired`` keeps on record."""
        settings = wired.settings
        brokers = {queue: redis_broker(settings, queue, []) for queue in QUEUES}
        sweep = AnnounceBatches(wired.store, patience_seconds=settings.sweep_patience_seconds)
        tell = AnnounceNotifications(wired.store, patience_seconds=settings.sweep_patience_seconds)
        asked = AnnounceOperations(wired.store, patience_seconds=settings.sweep_patience_seconds)
        files = AnnounceImports(wired.store, patience_seconds=settings.sweep_patience_seconds)
        self._deeds = (
            _Deed(sweep, settings.sweep_seconds),
            _Deed(asked, settings.sweep_seconds),
            _Deed(tell, settings.sweep_seconds),
            _Deed(files, settings.sweep_seconds),
            _Deed(SettleLostJobs(wired.store, wired.clock), _FORGET_SECONDS),
            *([_Deed(wired.go_on, settings.sweep_seconds)] if settings.pipeline_automatic else []),
            _Deed(wired.ask_for_fresh_list, _LIST_SECONDS),
            _Deed(ForgetJobs(wired.store, wired.clock), _FORGET_SECONDS),
            _Deed(ForgetFiles(wired.store, wired.clock), _FORGET_SECONDS),
            _Deed(ForgetRequests(wired.store, wired.clock), _FORGET_SECONDS),
            # The last one: while Redis is away, whatever stands behind it is not done.
            _Deed(RelayOutbox(wired.store, BrokerQueues(brokers)), 0.0),
        )

    def run(self, wish: StopWish) -> None:
        """Go on until there is a wish to stop; what does not answer is asked again."""
        well = True
        while not wish:
            try:
                for deed in self._deeds:
                    deed.do_if_due(time.monotonic())
                well = True
                time.sleep(_LOOK_SECONDS)
            except Unavailable as error:
                if well:
                    _log.error("relay waits", code=error.code, why=str(error))
                well = False
                time.sleep(_PAUSE_SECONDS)


class _Deed:
    """A deed that is due again some time after it was done."""

    def __init__(self, deed: Callable[[], int], every_seconds: float) -> None:
        self._deed = deed
        self._every = every_seconds
        self._due = 0.0

    def do_if_due(self, now: float) -> None:
        if now >= self._due:
            self._deed()
            self._due = now + self._every


def main() -> None:
    """Relay until asked to stop, or until the supervisor is gone."""
    die_with_parent(int(sys.argv[1]))
    name_lines("relay")
    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    with wire(settings) as wired:
        Relay(wired).run(StopWish())


if __name__ == "__main__":
    main()
