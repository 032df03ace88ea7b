"""Workers of every stage, who die before a commit where a doom says so.

The setting for a batch's lease holds for what every stage leases. Run as a program it is the relay
and one master for each queue of the pipeline.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from typing import Final

from sqlalchemy import event

from maverick_adapters.container import Wired
from maverick_adapters.settings import load_settings
from maverick_core.operations.service import Deed
from maverick_core.pipeline.filtering.request import FilterAsRequested
from maverick_core.pipeline.scraping.request import RunAsRequested
from maverick_core.pipeline.verification.request import VerifyAsRequested
from maverick_runners import master, relay
from maverick_runners.app import Brokers
from maverick_runners.supervisor import Supervisor
from tests.chaos.doomed import Fate
from tests.services.processes import role

QUEUES: Final = {
    "scraping": 1,
    "csv_processing": 1,
    "filtering": 1,
    "verification": 1,
    "batching": 1,
    "bison_uploads": 2,
}
"""The queues, in the order of the stages, with their threads."""


def commit_on(queue: str) -> str:
    """Return the label of the moment before a worker of the queue commits."""
    return f"commit on {queue}"


@cache
def _label() -> str:
    return commit_on(role(os.getpid()).removesuffix("'s worker"))


def _mortal(wired: Wired) -> Wired:
    fate = Fate()
    event.listen(wired.engine, "commit", lambda _: fate.comes(_label()))
    seconds = wired.settings.lease_seconds
    deeds = {kind: _leased(deed, seconds) for kind, deed in wired.run_operation.deeds.items()}
    operation = replace(wired.run_operation, deeds=deeds, lease_seconds=seconds)
    files = replace(wired.run_import, lease_seconds=seconds)
    return replace(wired, run_operation=operation, run_import=files)


def _leased(deed: Deed, seconds: float) -> Deed:
    match deed:
        case RunAsRequested():
            run = replace(deed.run_source, lease_seconds=seconds)
            return replace(deed, run_source=run)
        case FilterAsRequested() | VerifyAsRequested():
            return replace(deed, lease_seconds=seconds)
    return deed


brokers: Final = Brokers(_mortal)


def main() -> int:
    """Run all of them until asked to stop."""
    masters = [
        master.program(queue, threads, app=f"{__package__}.workers:brokers")
        for queue, threads in QUEUES.items()
    ]
    stop_seconds = load_settings().stop_seconds
    return Supervisor([relay.program(), *masters], stop_seconds=stop_seconds).run()


if __name__ == "__main__":
    raise SystemExit(main())
