"""A process that works: every stage by its real use case, through ports that it may die at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from contracts.machines.mortal import Life, Mortal
from contracts.machines.pipeline.world import MAILBOXES, SIZE, World
from contracts.machines.world import BRIEF
from contracts.store.site import LEASE
from maverick_adapters.memory import InstantAirfield
from maverick_adapters.sources import SourceReader
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.filtering.service import FilterContacts, Judges
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.master_fill.filling import FillMaster
from maverick_core.pipeline.master_fill.service import (
    Choosers,
    RefillWorkspace,
    Shortage,
)
from maverick_core.pipeline.scraping.rules import OVER
from maverick_core.pipeline.scraping.service import RunSource
from maverick_core.pipeline.upload.answers import AttachAnswer, PushAnswer
from maverick_core.pipeline.upload.service import UploadBatch, UploadTerms
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.service import VerifyAgain, VerifyCandidates

DAILY: Final = 4  # mailboxes a day


class Worker:
    """Does stages of the pipeline, one workspace at a time, for as long as ``life`` lasts.

    What it does is what ``maverick pipeline run`` does, and the actors of the queues. ``ask_type``
    and ``_seen`` are where mutants come in.
    """

    ask_type: type[AskVerifier] = AskVerifier

    def __init__(self, world: World, life: Life | None = None) -> None:
        """Stand ready."""
        self.world = world
        self.life = life or Life()
        self.record: Any = self._seen(Mortal(world.record, self.life))
        self.verifier: Any = Mortal(world.provider, self.life)
        self.airfield = InstantAirfield(world.clock)
        self.unwanted: set[str] = set()
        rig = world.importing["acme"]
        self.judges = Judges(self.record, rig.cleaner, rig.domains)

    def _seen(self, record: Any) -> Any:
        """Return the record as this worker's use cases see it."""
        return record

    def do(self, stage: str, slug: str) -> None:
        """Do all of a stage that there is to do now for a workspace."""
        STAGES[stage](self, slug)

    def scrape(self, slug: str) -> None:
        """Go on with runs that are not over."""
        record, clock = self.record, self.world.clock
        pages: Any = Mortal(self.world.directory, self.life)
        run_source = RunSource(record, pages, SourceReader(), record, clock, BRIEF)
        for view in record.sources(self.world.id_of(slug)):
            if view.last_state not in OVER:
                run_id = record.begin_run(view.id, at=clock.now())
                run_source(run_id, worker="w", breath=self.airfield.flights())

    def import_lists(self, slug: str) -> None:
        """Go on with imports."""
        rig = self.world.importing[slug]
        for import_id in self.record.waiting_imports(limit=99):
            with suppress(Missing):  # another workspace's
                self.record.import_of(rig.workspace_id, import_id)
                rig.worker(self.record)(import_id, worker="w")

    def filter(self, slug: str) -> None:
        """Judge raw contacts."""
        use_case = FilterContacts(self.record, self.record, self.judges, self.world.clock)
        use_case(slug, lambda _rows, _codes: None, page_size=SIZE)

    def verify(self, slug: str) -> None:
        """Bring candidates to a verdict."""
        self._verification()(slug, breath=self.airfield.flights())

    def verify_again(self, slug: str) -> None:
        """Take back what is not believed any more, and verify it."""
        clock = self.world.clock
        again = VerifyAgain(self.record, self.record, self._verification(), clock)
        again(slug, breath=self.airfield.flights())

    def _verification(self) -> VerifyCandidates:
        record, world = self.record, self.world
        terms = VerificationTerms(question=SIZE, daily_limit=DAILY, patience_seconds=30)
        ask = self.ask_type(record, self.verifier, world.randomness, world.clock, terms, BRIEF)
        return VerifyCandidates(record, record, ask, world.clock)

    def plan(self, slug: str) -> None:
        """Plan the present month, where it has a target."""
        record = self.record
        with suppress(Missing):
            PlanBatches(record, record, record, self.world.clock)(slug)

    def upload(self, slug: str) -> None:
        """Upload what a claim would be given."""
        terms = UploadTerms(LEASE, in_flight=SIZE, retry=BRIEF)
        upload = UploadBatch(self.record, self, self, self.airfield, terms)
        for batch_id in self.record.claimable(workspace_id=self.world.id_of(slug), limit=99):
            upload(batch_id, worker="w")

    def fill(self, slug: str) -> None:
        """Tell the master list what came in, of all workspaces."""
        del slug
        FillMaster(self.record, self.record)(lambda _events: None, page_size=SIZE)

    def refill(self, slug: str) -> None:
        """Bring what is missing for the present month, where it has a target."""
        record, clock = self.record, self.world.clock
        shortage = Shortage(record, record, clock)
        choosers = Choosers(self.judges, record)
        with suppress(Missing):
            RefillWorkspace(record, shortage, record, choosers, clock)(
                slug, by="pat", page_size=SIZE
            )

    # The ports of an upload that its requests are made of

    def leads(self, workspace_id: int, contact_ids: Sequence[int]) -> Sequence[Lead]:
        """Return leads, and keep who must not be written to by now: a later wish comes too late."""
        self.unwanted = {
            email for email in MAILBOXES if self.world.is_unwanted(workspace_id, email)
        }
        leads: Sequence[Lead] = self.record.leads(workspace_id, contact_ids)
        return leads

    def sink(self, workspace_id: int) -> WatchedSink:
        """Return the destination, which looks who is written to."""
        return WatchedSink(self, Mortal(self.world.bison.sink(workspace_id), self.life))


class WatchedSink:
    """The destination as one upload sees it; who is written to against his wish is kept."""

    def __init__(self, worker: Worker, sink: Any) -> None:
        """Stand before ``sink``."""
        self._worker = worker
        self._sink = sink

    def push(self, leads: Sequence[Lead]) -> PushAnswer:
        """Push, and look."""
        self._look(leads)
        answer: PushAnswer = self._sink.push(leads)
        return answer

    def attach(
        self, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Attach, and look."""
        self._look(leads)
        answer: AttachAnswer = self._sink.attach(campaign_id, leads, lead_ids)
        return answer

    def _look(self, leads: Sequence[Lead]) -> None:
        worker = self._worker
        worker.world.harassed |= {lead.email for lead in leads} & worker.unwanted


STAGES: Final[Mapping[str, Callable[[Worker, str], None]]] = {
    "scrape": Worker.scrape,
    "import": Worker.import_lists,
    "filter": Worker.filter,
    "verify": Worker.verify,
    "verify again": Worker.verify_again,
    "plan": Worker.plan,
    "upload": Worker.upload,
    "fill": Worker.fill,
    "refill": Worker.refill,
}
"""In the order in which contacts pass them."""
