"""How far an import is: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.csv_import.ports import Progress as Told
from maverick_runners.cli.output import say, stderr

_LINE_EVERY_SECONDS: Final = 10.0  # where there is no terminal to draw on


@contextmanager
def progress(what: str) -> Iterator[Told]:
    """Show on stderr how far it is, how quick, and how long the rest takes."""
    if not stderr.is_terminal:
        yield _Lines(what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rows]:,} rows · {task.fields[rate]:,.0f}/s · "),
        TextColumn("{task.fields[rejected]:,} rejected ·"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(what, total=1.0, rows=0, rejected=0, rate=0.0)
        begun = time.monotonic()

        def tell(counts: ImportCounts, read: float) -> None:
            rate = counts.rows / max(time.monotonic() - begun, 1e-3)
            bar.update(task, completed=read, rows=counts.rows, rejected=counts.rejected, rate=rate)

        yield tell


class _Lines:
    """Progress as a line now and then."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begun = self._told = time.monotonic()

    def __call__(self, counts: ImportCounts, read: float) -> None:
        now = time.monotonic()
        if now - self._told >= _LINE_EVERY_SECONDS:
            self._told = now
            took = now - self._begun
            left = took * (1 - read) / read if read else 0.0
            say(
                f"{self._what}: {read:.0%}, {counts.rows:,} rows, {counts.rows / took:,.0f}/s, "
                f"{left:,.0f} s left, {counts.rejected:,} rejected"
            )
