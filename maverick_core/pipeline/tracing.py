"""The whole way of a mailbox: found, judged, verified, planned, sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.filtering.codes import WITHHELD, WITHHOLDS
from maverick_core.pipeline.views import BatchViews, RawTraces, Trace, TraceStep
from maverick_core.workspaces.ports import Workspaces

FROM_THE_AGENCY: Final = "brought by the agency"
"""What a refill is called where nothing may tell of other workspaces: it brings what they found."""
_OF_A_REFILL: Final = re.compile(r"contact \d+ of refill \d+")


@dataclass(frozen=True, slots=True)
class Way:
    """All that happened to a mailbox, in order; ``contact`` is None as long as it is none."""

    steps: Sequence[TraceStep]
    contact: Trace | None


@dataclass(frozen=True, slots=True)
class TraceMailbox:
    """Use case: tell the way of a mailbox, before it was a contact and since."""

    workspaces: Workspaces
    before: RawTraces
    since: BatchViews

    def __call__(
        self, slug: str, email: str, *, everywhere: bool = True, in_detail: bool = True
    ) -> Way:
        """Return the way of a normalised e-mail.

        Without ``everywhere`` nothing in it tells of other workspaces. Without ``in_detail`` the
        steps before it was a contact say what happened, not where nor by which rule.

        Raises:
            Missing: no such workspace, or it never heard of the mailbox.

        """
        workspace_id = self.workspaces.workspace(slug).id
        steps = self.before.raw_trace(workspace_id, email)
        if not everywhere:
            steps = [_without_others(step) for step in steps]
        if not in_detail:
            steps = [replace(step, detail="") for step in steps]
        try:
            contact = self.since.trace(workspace_id, email)
        except Missing:
            if not steps:
                raise
            return Way(steps, None)
        return Way([*steps, *contact.steps], contact)


def _without_others(step: TraceStep) -> TraceStep:
    """Return the step as it is told to whoever sees one workspace only.

    What follows the code's rules names the other workspace; a refill brings what others found.
    """
    if _OF_A_REFILL.fullmatch(step.detail):
        return replace(step, detail=FROM_THE_AGENCY)
    code, comma, by = step.detail.partition(": ")[0].partition(",")
    return replace(step, detail=WITHHELD + comma + by) if code in WITHHOLDS else step
