"""Let faults strike and print a table: ``python -m tests.chaos [WORD…]``, or ``make chaos``."""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from maverick_adapters.logs import configure_logs
from tests.chaos.cases import CASES
from tests.chaos.million import Million
from tests.chaos.pipeline.cases import PIPELINE_CASES
from tests.chaos.trial import Ground, Trial, Tried
from tests.services.databases import Databases
from tests.services.postgres import DURABLE, PostgresServer, find_installation, private_server, said
from tests.services.redis import running_redis

USUAL: Final[Sequence[Tried]] = (*CASES, *PIPELINE_CASES)
BY_HAND: Final[Sequence[Tried]] = (Million(),)
"""Cases that run for minutes each: only where a word names them."""

_LINES: Final = 25  # of what is wrong, and of the log, where a case went wrong


def main() -> int:
    """Run the chosen cases; 1 if any of them did not end as it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="cases whose name has a WORD")
    parser.add_argument("--list", action="store_true", help="name the cases, run none")
    chosen = parser.parse_args()
    cases = _chosen(chosen.words)
    if chosen.list or not cases:
        print(*(case.name for case in (*USUAL, *BY_HAND)), sep="\n")
        return 0 if chosen.list else 2

    configure_logs(level="ERROR", form="text")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nothing that was started stays
    installation = find_installation()
    # A crash of the server must not take what it said was on record: that fault is the disk's.
    with private_server(installation, DURABLE) as server:
        print(said(installation, server.address), file=sys.stderr)
        print("| fault | variant | seconds to recover | verdict |\n| --- | --- | ---: | --- |")
        failed = [case for case in cases if not _holds(case, server)]
    print(f"\n{len(cases) - len(failed)} of {len(cases)} held.")
    return 1 if failed else 0


def _chosen(words: Sequence[str]) -> Sequence[Tried]:
    """Return the cases whose name has one of the words; by hand only, those that take long."""
    if not words:
        return USUAL
    return [case for case in (*USUAL, *BY_HAND) if any(word in case.name for word in words)]


def _holds(case: Tried, server: PostgresServer) -> bool:
    databases = Databases(server.address, owner="chaos")
    with (
        tempfile.TemporaryDirectory(prefix="maverick-chaos-") as folder,
        running_redis(append_only=case.append_only) as redis,
    ):
        trial = case.tried(Ground(Path(folder), redis, server, databases))
        print(_row(case, trial), flush=True)
        if trial.wrong:
            log = trial.log.splitlines()[-_LINES:]
            print(*trial.wrong[:_LINES], *log, sep="\n  ", file=sys.stderr, flush=True)
    databases.drop_all()
    return not trial.wrong


def _row(case: Tried, trial: Trial) -> str:
    seconds = "-" if trial.seconds is None else f"{trial.seconds:.1f}"
    verdict = "WRONG" if trial.wrong else "held"
    return f"| {case.fault} | {case.variant} | {seconds} | {verdict} |"


if __name__ == "__main__":
    sys.exit(main())
