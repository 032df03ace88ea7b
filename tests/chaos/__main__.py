"""Let faults strike and print a table: ``python -m tests.chaos [WORD…]``, or ``make chaos``."""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.chaos.cases import CASES, Case
from tests.chaos.checks import wrong
from tests.e2e.stage import Stage, stage_on
from tests.services.databases import Databases
from tests.services.postgres import DURABLE, PostgresServer, find_installation, private_server, said
from tests.services.redis import running_redis

_LINES: Final = 25  # of what is wrong, and of the log, where a case went wrong


def main() -> int:
    """Run the chosen cases; 1 if any of them did not end as it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="cases whose name has a WORD")
    parser.add_argument("--list", action="store_true", help="name the cases, run none")
    chosen = parser.parse_args()
    cases = [
        case
        for case in CASES
        if not chosen.words or any(word in case.name for word in chosen.words)
    ]
    if chosen.list or not cases:
        print(*(case.name for case in CASES), sep="\n")
        return 0 if chosen.list else 2

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nothing that was started stays
    installation = find_installation()
    # A crash of the server must not take what it said was on record: that fault is the disk's.
    with private_server(installation, DURABLE) as server:
        print(said(installation, server.address), file=sys.stderr)
        print("| fault | variant | seconds to recover | verdict |\n| --- | --- | ---: | --- |")
        failed = [case for case in cases if not _holds(case, server)]
    print(f"\n{len(cases) - len(failed)} of {len(cases)} held.")
    return 1 if failed else 0


def _holds(case: Case, server: PostgresServer) -> bool:
    databases = Databases(server.address, owner="chaos")
    with (
        tempfile.TemporaryDirectory(prefix="maverick-chaos-") as folder,
        running_redis(append_only=case.append_only) as redis,
        stage_on(
            redis, Path(folder), databases.create(), postgres=server, more=case.settings
        ) as stage,
    ):
        found = _struck(case, stage)
        print(_row(case, stage, found), flush=True)
        if found:
            log = stage.log().splitlines()[-_LINES:]
            print(*found[:_LINES], *log, sep="\n  ", file=sys.stderr, flush=True)
    databases.drop_all()
    return not found


def _struck(case: Case, stage: Stage) -> list[str]:
    try:
        case.strike(stage)
    except Exception:  # noqa: BLE001 - the next case has a stage of its own
        return [traceback.format_exc(), f"batches are {stage.states()}", *wrong(stage)]
    return wrong(stage, case.expected)


def _row(case: Case, stage: Stage, found: Sequence[str]) -> str:
    took = stage.recovery_seconds
    seconds = "-" if took is None else f"{took:.1f}"
    return f"| {case.fault} | {case.variant} | {seconds} | {'WRONG' if found else 'held'} |"


if __name__ == "__main__":
    sys.exit(main())
