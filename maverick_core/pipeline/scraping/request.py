"""Runs of sources that somebody asks for and a worker does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.errors import Missing, Rejected
from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breaths
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.pipeline.scraping.ports import ScrapeRuns, Sources, SourceView
from maverick_core.pipeline.scraping.rules import RunCounts, RunState
from maverick_core.pipeline.scraping.service import RunSource
from maverick_core.workspaces.ports import Workspaces

_FAILED: Final = "Try the source's description, mend it, and ask again: a new run begins."


def source_called(sources: Sources, workspace_id: int, name: str) -> SourceView:
    """Return the workspace's source of that name.

    Raises:
        Missing: ``source_missing``.

    """
    for view in sources.sources(workspace_id):
        if view.source.name == name:
            return view
    raise Missing(
        f"There is no source called {name}.",
        code="source_missing",
        remedy='See "maverick sources list", with the workspace.',
    )


@dataclass(frozen=True, slots=True)
class RequestRun:
    """Use case: ask for a run of a source."""

    workspaces: Workspaces
    sources: Sources
    runs: ScrapeRuns
    operations: Operations
    clock: Clock

    def __call__(self, slug: str, name: str, *, by: str) -> Operation:
        """Put the wish on record; a run of the source that is not over is gone on with.

        Raises:
            Missing: no such workspace, or it has no such source.

        """
        workspace = self.workspaces.workspace(slug)
        now = self.clock.now()
        view = source_called(self.sources, workspace.id, name)
        run_id = self.runs.begin_run(view.id, at=now)
        return self.operations.add_operation(run_wanted(slug, name, run_id, by=by), at=now)


def run_wanted(slug: str, name: str, run_id: int, *, by: str) -> NewOperation:
    """Return the wish for a run of a source as it is put on record."""
    arguments = {"source": name, "run": run_id}
    return NewOperation(OperationKind.RUN_SOURCE, slug, arguments, by)


@dataclass(frozen=True, slots=True)
class RunAsRequested:
    """Run a source that somebody asked to be run.

    The run has its own claim, which is what keeps two workers from one site. It is claimed in the
    name of the operation, so that who goes on with the operation of a worker that died has the run.
    """

    run_source: RunSource
    record: OperationRecord
    breaths: Breaths

    def __call__(self, claim: OperationClaim) -> None:
        """Run it; see ``Deed``.

        Raises:
            Rejected: ``run_busy``, another worker has the run; ``run_failed``, with why.

        """
        end = self.run_source(
            claim.arguments["run"],
            worker=f"operation {claim.id}",
            breath=self.breaths.flights(),
            tell=lambda counts: self._advance(claim, counts, self.run_source.lease_seconds),
        )
        if end is None or end.state is RunState.RUNNING:
            raise Rejected(
                "Another worker has the run already.",
                code="run_busy",
                remedy="Look at the source; ask again when its run has ended.",
            )
        if end.state is RunState.STOPPED:  # the next worker need not wait for the lease
            self._advance(claim, end.counts, 0)
            return
        if end.state is RunState.FAILED:
            raise Rejected(end.why, code="run_failed", remedy=_FAILED)
        counts = end.counts
        result = {
            "pages": counts.pages,
            "contacts": counts.contacts,
            "unchanged": counts.unchanged,
            "not_read": counts.not_read,
        }
        self.record.succeed_operation(claim, result, done=counts.pages)

    def _advance(self, claim: OperationClaim, counts: RunCounts, lease_seconds: float) -> None:
        total = counts.pages + counts.due
        self.record.advance_operation(
            claim, done=counts.pages, total=total, lease_seconds=lease_seconds
        )
