"""Runs ``maverick`` as a process of its own, forked from one that has imported it already.

Importing the database and the rest costs a command most of its time, and pages have many commands.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_WAIT_SECONDS: Final = 60
_SERVER: Final = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["maverick_runners.cli", "maverick_runners.embedded"])


def maverick(words: Sequence[str], given: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return what is seen of ``maverick`` with these arguments, ``given`` on its stdin."""
    with tempfile.TemporaryDirectory() as own:
        stdin, seen = Path(own, "stdin"), Path(own, "seen")
        stdin.write_text(given)
        process = _SERVER.Process(target=_main, args=(words, stdin, seen, folder, environment))
        process.start()
        process.join(_WAIT_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError(f"maverick {' '.join(words)} does not come to an end")
        return seen.read_text()


def _main(
    words: Sequence[str], stdin: Path, seen: Path, folder: Path, environment: Mapping[str, str]
) -> None:
    """Become what the shell would have started, as far as the command line can tell."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    os.dup2(os.open(seen, os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(1, 2)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
    sys.argv = ["maverick", *words]

    from maverick_runners.cli import main  # noqa: PLC0415 - imported by the server already

    try:
        main()
    finally:
        sys.stdout.flush()
