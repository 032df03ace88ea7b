"""What the master list needs from outside: what comes in, the list itself, runs of refills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from maverick_core.pipeline.filtering.ports import Facts
from maverick_core.pipeline.master_fill.overlap import Overlap, Standing
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    Place,
    SeenAs,
    Sighting,
)
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.verification.verdicts import Verdict

Event_co = TypeVar("Event_co", Sighting, Happened, covariant=True)


class MasterPage(Protocol, Generic[Event_co]):
    """Some of what came in, held while it is told to the list."""

    @property
    def events(self) -> Sequence[Event_co]:
        """What is to be told, in an order of its own."""
        ...

    @property
    def known(self) -> Mapping[str, MasterContact]:
        """What the list says of their mailboxes so far; absent are those that are new."""
        ...

    def keep(self, contacts: Iterable[MasterContact]) -> None:
        """Put on record what the list says now, and that these events were told."""
        ...


class MasterList(Protocol):
    """The list, and what it has not been told yet.

    Whoever tells it something holds it until the transaction ends: two who fill it follow each
    other, page by page. A clean exit of a page commits, an exception leaves nothing behind.
    """

    def sighting_page(
        self, workspace_id: int, seen_as: SeenAs, *, limit: int
    ) -> AbstractContextManager[MasterPage[Sighting]]:
        """Hold the workspace's next ``limit`` candidates or contacts that were not told."""
        ...

    def moved_batches(self) -> Sequence[int]:
        """Return the batches with outcomes that were not told, in order of id."""
        ...

    def outcome_page(self, batch_id: int) -> AbstractContextManager[MasterPage[Happened]]:
        """Hold the outcomes of a batch, all of them; the list knows whom they are about.

        That holds when every contact was told that was there when the batch was found to have
        moved.
        """
        ...

    def forget_master(self) -> None:
        """Empty the list, so that all is told again; which mailboxes were brought stays."""
        ...


@dataclass(frozen=True, slots=True)
class MasterView:
    """A mailbox of the list with what was last found out of it, None where nobody asked."""

    contact: MasterContact
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class MasterStats:
    """How many mailboxes the list has; by last outcome only those that have one.

    ``shared`` are held by several workspaces, ``uploaded`` were taken somewhere.
    """

    mailboxes: int
    shared: int
    uploaded: int
    outcomes: Mapping[str, int]


class MasterViews(Protocol):
    """The list as people see it."""

    def master_contact(self, email: str) -> MasterView:
        """Return what is said of a normalised e-mail.

        Raises:
            Missing: ``master_contact_missing``.

        """
        ...

    def master_stats(self) -> MasterStats:
        """Count the list; reads all of it."""
        ...


@dataclass(frozen=True, slots=True)
class RefillRun:
    """A refill on record: of ``asked`` mailboxes it brought so many, and looked at so many.

    ``codes`` say why those that were looked at were not brought. ``place`` is how far it went.
    """

    id: int
    workspace_id: int
    by: str
    started_at: datetime
    asked: int
    looked_at: int = 0
    brought: int = 0
    codes: Mapping[str, int] | None = None
    place: Place | None = None
    finished_at: datetime | None = None


class TrialPage(Facts, Protocol):
    """Some of the list, in the order in which it is drawn on, with all that decides on them."""

    @property
    def contacts(self) -> Sequence[MasterContact]:
        """The next of the list; empty where it ends."""
        ...

    @property
    def standing(self) -> Standing:
        """What is known of these at present."""
        ...


class RefillPage(TrialPage, Protocol):
    """The same for a run, held while some of them are brought."""

    @property
    def run(self) -> RefillRun:
        """The run as it stands."""
        ...

    def bring(
        self,
        rows: Sequence[NewRaw],
        *,
        looked_at: Sequence[MasterContact],
        codes: Mapping[str, int],
        over: bool,
        at: datetime,
    ) -> None:
        """Append ``rows`` as raw contacts of the run, and put on record how far it is.

        ``looked_at`` are the contacts, from the first of the page, that were decided on; ``codes``
        counts those that are not brought. ``over`` ends the run.
        """
        ...


class Refills(Protocol):
    """Runs of refills, and how close a workspace may come to others."""

    def begin_refill(self, workspace_id: int, asked: int, *, by: str, at: datetime) -> RefillRun:
        """Put a run on record, or return the workspace's run that is not over, as it stands.

        Raises:
            Missing: ``workspace_missing``.

        """
        ...

    def refill_page(self, run_id: int, *, limit: int) -> AbstractContextManager[RefillPage]:
        """Hold the next of the list for a run, in one transaction.

        Refills of one workspace follow each other. No mailbox is brought to it twice, ever. A clean
        exit commits what was brought, an exception leaves nothing behind.
        """
        ...

    def trial_page(
        self, workspace_id: int, *, after: Place | None, limit: int
    ) -> AbstractContextManager[TrialPage]:
        """Read the next of the list behind ``after``; nothing is brought."""
        ...

    def refill_runs(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[RefillRun]:
        """Return the workspace's runs, the newest first, with ids below ``before``."""
        ...

    def on_the_way(self, workspace_id: int) -> int:
        """Count what may yet become a contact: raw contacts and candidates without a verdict."""
        ...


class Overlaps(Protocol):
    """How close each workspace may come to others."""

    def overlap(self, workspace_id: int) -> Overlap:
        """Return what the workspace allows; ``none`` where nobody set anything."""
        ...

    def set_overlap(
        self,
        workspace_id: int,
        overlap: Overlap,
        *,
        by: str,
        at: datetime,
        seen: Overlap | None = None,
    ) -> None:
        """Set it, for refills from now on.

        Raises:
            Missing: ``workspace_missing``.
            Conflict: ``changed_meanwhile``, it is not what was ``seen``; nothing is changed.

        """
        ...
