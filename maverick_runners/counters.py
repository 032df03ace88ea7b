"""Where processes that count together keep their counters: a directory that goes with its owner."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = "maverick-metrics-"


@contextmanager
def counters_directory() -> Iterator[str]:
    """Give this process a fresh directory, or counters of processes long gone would be shown.

    Those of owners that were killed before they could do it themselves are removed as well.
    Processes that are forked in the block and leave it remove nothing.
    """
    _clear()
    owner = os.getpid()
    directory = tempfile.mkdtemp(prefix=f"{_NAME}{owner}-")
    try:
        yield directory
    finally:
        if os.getpid() == owner:
            shutil.rmtree(directory, ignore_errors=True)


def _clear() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        owner = left.name.removeprefix(_NAME).partition("-")[0]
        if owner.isdecimal() and not _runs(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True
