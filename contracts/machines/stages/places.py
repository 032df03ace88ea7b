"""One store of several, with its workers; what the store numbers is called by its age in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from contracts.machines.places import NOBODY, Place
from contracts.machines.stages.people import SLUGS
from contracts.store.site import LEASE, Site
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.filtering.ports import JudgedContact
from maverick_core.pipeline.invariants import RawSnapshot
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.raw_import.rules import ImportClaim
from maverick_core.pipeline.scraping.ports import PageDue, Run
from maverick_core.pipeline.verification.ports import Question

MANY: Final = 1_000
ELSE: Final = 5
ages = st.integers(0, ELSE)
"""One of those that there are, whatever their number, or else none."""


class Crash(Exception):
    """The worker is gone."""


@dataclass
class RunWorker:
    """Somebody who took a run, and the page that they are at."""

    run: Run
    page: PageDue | None = None


@dataclass
class ImportWorker:
    """Somebody who took an import, and the last row that they put behind them."""

    claim: ImportClaim
    last_row: int


@dataclass
class Crew:
    """What the workers of a store have in hand, and the ids that it gave out, oldest first."""

    runs: list[int] = field(default_factory=list)
    run_workers: list[RunWorker] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    import_workers: list[ImportWorker] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    refills: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    operations: list[int] = field(default_factory=list)
    operation_claims: list[OperationClaim] = field(default_factory=list)


class StagePlace(Place):
    """A store as the stages meet it; ``tells`` say what of it is to be the same everywhere."""

    def __init__(self, site: Site, tells: Sequence[Callable[[StagePlace], object]]) -> None:
        """Open two workspaces in an empty store."""
        super().__init__(site)
        self.crew = Crew()
        self._tells = tells
        self._raw: RawSnapshot | None = None
        self.ids = {slug: site.workspace(slug).id for slug in SLUGS}
        self.slugs = {id_: slug for slug, id_ in self.ids.items()}

    def forget(self) -> None:
        """Look again: something was done."""
        super().forget()
        self._raw = None

    def told(self) -> Mapping[str, object]:
        """Tell what the machine looks at."""
        return {tell.__name__: tell(self) for tell in self._tells}

    @property
    def raw(self) -> RawSnapshot:
        """Everything on record before the upload, read once a step."""
        if self._raw is None:
            self._raw = self.record.raw_snapshot()
        return self._raw

    def judged(self, slug: str) -> Sequence[JudgedContact]:
        """Return a workspace's raw contacts, judged or not, in the order they came."""
        id_, ask = self.ids[slug], self.record.judged
        both = [ask(id_, after=0, limit=MANY, waiting=waiting) for waiting in (False, True)]
        return [*both[0], *both[1]]

    def origin(self, origin: Origin) -> tuple[OriginKind, int]:
        """Name what brought somebody by its age."""
        return origin.kind, age(self._origins(origin.kind), origin.id)

    def import_ids(self) -> Sequence[int]:
        """Return the ids of all imports, also of those that nobody has to carry out."""
        lists = [self.record.imports(id_, limit=MANY) for id_ in self.ids.values()]
        return sorted(each.id for every in lists for each in every)

    def wait(self, seconds: float) -> None:
        """Let time pass; leases of now are over by that, if it is as long as they are."""
        until = self.later(seconds)
        if seconds >= LEASE:
            self.site.leases_run_out()
        self.site.clock.set(until)

    def later(self, seconds: float) -> datetime:
        """Return the instant so many seconds from now."""
        return self.site.clock.now() + timedelta(seconds=seconds)

    def _origins(self, kind: OriginKind) -> Sequence[int]:
        if kind is OriginKind.CSV_IMPORT:
            return self.import_ids()
        return self.crew.runs if kind is OriginKind.SCRAPE_RUN else self.crew.refills


def age(ids: Sequence[int], id_: int) -> int:
    """Return how many are older than the one with this id."""
    return ids.index(id_) if id_ in ids else NOBODY


def one_of(ids: Sequence[int], number: int) -> int:
    """Return the id of one that there is; ``ELSE``, and any where there is none, is nobody's."""
    return ids[number % len(ids)] if ids and number != ELSE else NOBODY


def relay(place: StagePlace, ids: Sequence[int]) -> object:
    """Send what was announced; returns it, each by the age of what it is about."""
    taken = place.record.take_announcements(limit=MANY, hold_seconds=LEASE)
    place.record.announcements_sent({each.id: f"message {each.id}" for each in taken})
    return [(each.queue, each.actor, age(ids, each.arg)) for each in taken]
