"""Run the soak: `python -m tests.soak --minutes 10 --seed 7`; exit code 1 if a law was broken."""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.soak.run import opened


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of faults; default 10")
    parser.add_argument("--workspaces", type=int, default=50, help="default 50")
    parser.add_argument("--seed", type=int, default=None, help="repeats what is drawn")
    parser.add_argument("--log", type=Path, help="keep what the processes wrote in this file")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left running
    seed = secrets.randbelow(10_000) if chosen.seed is None else chosen.seed
    print(f"soak: seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="maverick-soak-") as folder:
        try:
            with opened(Path(folder), seed, chosen.workspaces) as soak:
                found = soak.run(chosen.minutes * 60)
        finally:
            if chosen.log:
                shutil.copy(Path(folder) / "log", chosen.log)
        print(soak.report())
    for violation in found[:20]:
        print(f"  BROKEN {violation}")
    if found:
        print(f'{len(found)} violations; again with ARGS="--seed {seed}"')
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
