"""Judging that counts for nobody: what was kept is remembered here and put on record nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from maverick_core.kernel.email import normalise_email
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import (
    FilterHistory,
    Holder,
    JudgedContact,
    Verdict,
)
from maverick_core.pipeline.filtering.rules import Judge
from maverick_core.pipeline.raw import Origin
from maverick_core.suppression.ports import SuppressionList
from maverick_core.suppression.rules import Match


class Trial:
    """Judges raw contacts of a workspace, those that wait or those that were judged.

    For those that were judged, the workspace's own candidates are forgotten, whoever was kept
    before is no duplicate of what came of that, and among equals goes first again.
    """

    def __init__(
        self,
        workspace_id: int,
        history: FilterHistory,
        suppressions: SuppressionList,
        judge: Judge,
        *,
        waiting: bool,
    ) -> None:
        """Begin with nobody kept."""
        self._workspace_id = workspace_id
        self._history = history
        self._suppressions = suppressions
        self._judge = judge
        self._waiting = waiting
        self._kept: dict[int, Origin] = {}
        self._kept_before: set[str] = set()

    def pages(self, size: int) -> Iterator[Sequence[tuple[JudgedContact, Verdict]]]:
        """Yield a page after the other, each contact with its new verdict."""
        last = 0
        while page := self._history.judged(
            self._workspace_id, after=last, limit=size, waiting=self._waiting
        ):
            rows = [judged.raw for judged in page]
            kept = [each.raw for each in page if each.code == KEPT]
            self._kept_before = {normalise_email(raw.email or "") for raw in kept}
            favoured = {raw.id for raw in kept}
            verdicts, candidates = self._judge.judge(rows, self, favoured=favoured)
            origins = {row.id: row.origin for row in rows}
            for candidate in candidates:
                self._kept[hash(candidate.email)] = origins[candidate.raw_contact_id]
            yield list(zip(page, verdicts, strict=True))
            last = rows[-1].id

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to today."""
        return self._suppressions.suppressed(self._workspace_id, emails)

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has a mailbox: this trial, or who had it without it."""
        found = dict(
            self._history.holders(
                self._workspace_id,
                emails,
                everywhere=everywhere,
                own_candidates=self._waiting,
            )
        )
        for email in self._kept_before & found.keys():
            if not found[email].slug:
                del found[email]
        for email in emails:
            if origin := self._kept.get(hash(email)):
                found[email] = Holder("", origin)
        return found
