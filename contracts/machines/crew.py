"""Workers of every stage on one store, who do what they find on record: real use cases, no queues.

Sites and Email Bison are in memory; whatever a worker waits for, the clock is moved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from contracts.store.catalogue import address, filtering
from contracts.store.site import LEASE, Site
from maverick_adapters.memory import InstantAirfield, MemoryBison, MemoryRandomness
from maverick_adapters.memory.verifier import MemoryVerifier
from maverick_core.operations.ports import OperationRecord
from maverick_core.operations.rules import Operation, OperationClaim, OperationKind
from maverick_core.operations.service import Deed, RunOperation
from maverick_core.pipeline.batching.request import PlanAsRequested
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.filtering.request import FilterAsRequested
from maverick_core.pipeline.onward.rules import StageAnswer
from maverick_core.pipeline.onward.service import AskStages
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.scraping.ports import PageResult, Run, ScrapeRuns, Validators
from maverick_core.pipeline.scraping.rules import RunState
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.stages import Stage
from maverick_core.pipeline.upload.service import UploadBatch, UploadTerms
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.request import VerifyAsRequested
from maverick_core.pipeline.verification.service import VerifyAgain, VerifyCandidates
from maverick_core.workspaces.rules import Workspace

DAILY: Final = 4
"""Mailboxes that the verifier may be asked about in a day."""
FULL_NAME: Final = "Ann Lee"
_LISTED: Final = Origin(OriginKind.SCRAPE_RUN, 999)


@dataclass(frozen=True, slots=True)
class ReadOnePage:
    """Does the run of a source: the one page that it has lists those called as the source is."""

    runs: ScrapeRuns
    record: OperationRecord
    site: Site

    def __call__(self, claim: OperationClaim) -> None:
        """Read it; see ``Deed``."""
        now, name = self.site.clock.now(), claim.arguments["source"]
        run = self.runs.claim_run(claim.arguments["run"], worker="w", lease_seconds=LEASE)
        assert isinstance(run, Run), "two operations never have one run"
        page = self.runs.next_page(run)
        rows = [NewRaw(1, email=address(name), full_name=FULL_NAME)]
        result = PageResult("read", "", rows, (), Validators(), now)
        self.runs.page_done(run, page, result, lease_seconds=LEASE)  # type: ignore[arg-type]
        self.runs.end_run(run, RunState.DONE, "", at=now)
        self.record.succeed_operation(claim, {"pages": 1}, done=1)


@dataclass
class Crew:
    """Whoever asks, and whoever works."""

    site: Site
    verifier: MemoryVerifier = field(default_factory=MemoryVerifier)

    def __post_init__(self) -> None:
        """Wire everybody."""
        record, clock = self.site.record, self.site.clock
        airfield = InstantAirfield(clock)
        terms = VerificationTerms(question=3, daily_limit=DAILY, patience_seconds=30)
        asking = AskVerifier(record, self.verifier, MemoryRandomness(), clock, terms)
        verify = VerifyCandidates(record, record, asking, clock)
        again = VerifyAgain(record, record, verify, clock)
        plan = PlanBatches(record, record, record, clock)
        verification = VerifyAsRequested(record, verify, again, record, record, airfield)
        deeds: Mapping[OperationKind, Deed] = {
            OperationKind.RUN_SOURCE: ReadOnePage(record, record, self.site),
            OperationKind.FILTER: FilterAsRequested(filtering(self.site), record, airfield),
            OperationKind.VERIFY: verification,
            OperationKind.VERIFY_AGAIN: verification,
            OperationKind.PLAN_BATCHES: PlanAsRequested(plan),
        }
        self.ask_stages = AskStages(record, record, record, record, clock)
        self._run = RunOperation(record, deeds, lease_seconds=LEASE)
        self._upload = UploadBatch(record, record, MemoryBison(), airfield, UploadTerms(LEASE))

    def ask(
        self,
        slug: str | None = None,
        stages: Collection[Stage] = tuple(Stage),
        *,
        at_once: bool = False,
        dry_run: bool = False,
    ) -> Sequence[StageAnswer]:
        """Ask, as a person would."""
        return self.ask_stages(slug, stages, by="pat", at_once=at_once, dry_run=dry_run)

    def operate(self, operation: Operation) -> str:
        """Let a worker do an operation."""
        return self._run(operation.id, worker="worker-1")

    def operate_all(self) -> int:
        """Let workers do all that is open; return how many operations that was."""
        waiting = self.site.record.waiting_operations(limit=100)
        for operation in waiting:
            self.operate(operation)
        return len(waiting)

    def upload_all(self) -> None:
        """Let workers upload what is ready."""
        for batch_id in self.site.record.claimable(limit=100):
            self._upload(batch_id, worker="worker-1")

    def list_people(self, workspace: Workspace, names: Collection[str]) -> None:
        """Have those called ``names`` come in, as a worker that went through a list leaves them."""
        rows = [
            NewRaw(at, email=address(name), full_name=FULL_NAME)
            for at, name in enumerate(sorted(names), 1)
        ]
        self.site.record.add_raw(workspace.id, _LISTED, rows, at=self.site.clock.now())

    def describe_source(self, workspace: Workspace, name: str) -> None:
        """Put a source on record that lists somebody of this name."""
        source = parse_source({"name": name, "start": ["https://directory.example/"]})
        self.site.record.put_source(workspace.id, source, by="pat", at=self.site.clock.now())
