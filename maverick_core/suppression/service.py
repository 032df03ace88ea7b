"""Suppress mailboxes and domains, and take that back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Clock
from maverick_core.suppression.ports import SuppressionList
from maverick_core.suppression.rules import SuppressionReason, Target, parse_target
from maverick_core.workspaces.ports import Workspaces

_PAGE: Final = 5_000  # suppressions of a transaction
_CELLS_END: Final = re.compile("[,;\t]")


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What became of some patterns: of ``read``, ``added`` are new, at ``bad_lines`` was none."""

    read: int
    added: int
    bad_lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Suppress:
    """Use case: suppress a list, for a workspace or for all. Repeating it does no harm."""

    workspaces: Workspaces
    suppressions: SuppressionList
    clock: Clock

    def __call__(
        self, slug: str | None, patterns: Iterable[str], reason: SuppressionReason, *, by: str
    ) -> Suppressed:
        """Suppress the pattern in the first cell of each line; unreadable lines are numbered.

        An empty line is nothing, and so is what stands behind a ``#``.

        Thousands are a transaction, so what was read before a failure is on record.

        Raises:
            Missing: no such workspace.

        """
        workspace_id = self.workspaces.workspace(slug).id if slug else None
        cells = ((number, _first_cell(text)) for number, text in enumerate(patterns, start=1))
        lines = ((number, text) for number, text in cells if text)
        read = added = 0
        bad_lines: list[int] = []
        while page := list(islice(lines, _PAGE)):
            targets, bad = _parse(page)
            added += self.suppressions.add_suppressions(
                workspace_id, targets, reason, by=by, at=self.clock.now()
            )
            read += len(page)
            bad_lines += bad
        return Suppressed(read, added, bad_lines)


@dataclass(frozen=True, slots=True)
class Unsuppress:
    """Use case: take suppressions away, for the workspace or for all."""

    workspaces: Workspaces
    suppressions: SuppressionList

    def __call__(self, slug: str | None, patterns: Iterable[str]) -> int:
        """Return how many there were.

        Raises:
            Missing: no such workspace.
            Rejected: ``bad_suppression``.

        """
        workspace_id = self.workspaces.workspace(slug).id if slug else None
        return self.suppressions.remove_suppressions(
            workspace_id, list(map(parse_target, patterns))
        )


def _first_cell(line: str) -> str:
    return _CELLS_END.split(line.partition("#")[0], maxsplit=1)[0].strip().strip("\"'")


def _parse(lines: Iterable[tuple[int, str]]) -> tuple[list[Target], list[int]]:
    targets, bad = [], []
    for number, text in lines:
        try:
            targets.append(parse_target(text))
        except Rejected:
            bad.append(number)
    return targets, bad
