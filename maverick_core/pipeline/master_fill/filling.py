"""Tell the master list what came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from maverick_core.pipeline.master_fill.ports import MasterList, MasterPage
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    SeenAs,
    happened,
    seen,
)
from maverick_core.workspaces.ports import Workspaces

PAGE: Final = 20_000
"""Sightings of a transaction: so many that neighbours in a long list are often written together."""


class Told(Protocol):
    """Is told after each page how far a fill is."""

    def __call__(self, events: int) -> None:
        """Take how many sightings and outcomes the list was told so far."""
        ...


@dataclass(frozen=True, slots=True)
class Filled:
    """What the list was told; ``stopped``: somebody asked to stop, and there may be more."""

    sightings: int
    outcomes: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class FillMaster:
    """Use case: tell the list all that came in since it was told last.

    Safe to run at any time and in several places at once. A crash loses no more than the page in
    hand, which the next run tells again.
    """

    workspaces: Workspaces
    master: MasterList

    def __call__(
        self,
        told: Told,
        stopping: Callable[[], bool] = bool,
        *,
        rebuild: bool = False,
        page_size: int = PAGE,
    ) -> Filled:
        """Fill the list; with ``rebuild`` it is emptied first and made afresh.

        Batches that moved are listed before contacts are told and read after, so whoever has an
        outcome is in the list by then.

        Raises:
            Unavailable: the database fails; whole pages are on record.

        """
        if rebuild:
            self.master.forget_master()
        moved = self.master.moved_batches()
        sightings = outcomes = 0
        for workspace in self.workspaces.workspaces():
            for seen_as in SeenAs:
                full = True
                while full:
                    if stopping():
                        return Filled(sightings, outcomes, stopped=True)
                    page = self._see(workspace.id, seen_as, page_size)
                    sightings += page
                    full = page == page_size
                    told(sightings)
        for batch_id in moved:
            if stopping():
                return Filled(sightings, outcomes, stopped=True)
            with self.master.outcome_page(batch_id) as outcome_page:
                outcomes += _tell_outcomes(outcome_page)
            told(sightings + outcomes)
        return Filled(sightings, outcomes, stopped=False)

    def _see(self, workspace_id: int, seen_as: SeenAs, page_size: int) -> int:
        with self.master.sighting_page(workspace_id, seen_as, limit=page_size) as page:
            said: dict[str, MasterContact] = dict(page.known)
            for sighting in page.events:
                said[sighting.email] = seen(said.get(sighting.email), sighting)
            page.keep(said.values())
            return len(page.events)


def _tell_outcomes(page: MasterPage[Happened]) -> int:
    said = dict(page.known)
    for event in page.events:
        said[event.email] = happened(said[event.email], event)
    page.keep(said.values())
    return len(page.events)
