"""What waits in front of each stage, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from maverick_adapters.memory.tables import Tables, Transactions
from maverick_adapters.memory.targets import account
from maverick_adapters.memory.verification import candidates_of
from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.onward.rules import Waiting
from maverick_core.pipeline.raw_import.rules import ImportKind, ImportState
from maverick_core.pipeline.stages import Stage
from maverick_core.workspaces.rules import Workspace


class MemoryStageTables(Transactions):
    """Satisfies ``StageTables``."""

    def waiting(
        self,
        stage: Stage,
        workspaces: Sequence[Workspace],
        *,
        at: datetime,
        move_marks: bool,  # noqa: ARG002 - there are none
    ) -> Sequence[Waiting]:
        """Return what waits."""
        tables, now = self._tables, self._clock.now()
        found: list[Waiting] = []
        for workspace in workspaces:
            match stage:
                case Stage.SCRAPING:
                    found += _sources(tables, workspace.id, now)
                case Stage.IMPORT:
                    found += [*_imports(tables, workspace.id)][:1]
                case Stage.FILTERING:
                    if tables.raw.waiting(workspace.id, after=0, limit=1):
                        found.append(Waiting(workspace.id))
                case Stage.VERIFICATION:
                    verdicts = tables.verification.verdicts
                    if any(id_ not in verdicts for id_, _ in candidates_of(tables, workspace.id)):
                        found.append(Waiting(workspace.id))
                case Stage.BATCHING:
                    found += _plannable(tables, workspace, at)
                case Stage.UPLOAD:
                    found += [*_batches(tables, workspace.id)][:1]
        return found


def _sources(tables: Tables, workspace_id: int, now: datetime) -> Iterator[Waiting]:
    mine = [row for row in tables.scraping.sources.values() if row.workspace_id == workspace_id]
    for row in sorted(mine, key=lambda row: row.source.name):
        runs = tables.scraping.runs_of(row.id)
        run = next((run for run in runs if run.finished_at is None), None)
        if run is not None and not (run.lease_until and run.lease_until > now):
            yield Waiting(workspace_id, row.id, row.source.name, run.started_at)
        elif not runs:
            yield Waiting(workspace_id, row.id, row.source.name)


def _imports(tables: Tables, workspace_id: int) -> Iterator[Waiting]:
    for row in tables.imports.values():
        kind = row.workspace_id, row.kind, row.state
        if kind == (workspace_id, ImportKind.RAW, ImportState.RUNNING):
            yield Waiting(workspace_id, row.id, row.file_name, row.started_at)


def _plannable(tables: Tables, workspace: Workspace, at: datetime) -> Iterator[Waiting]:
    if count := sum(1 for _ in tables.free_contacts(workspace.id)):
        found = account(tables, workspace.id, str(Month.of(at, workspace.zone)))
        room = None if found.target is None else found.room
        yield Waiting(workspace.id, contacts=count, room=room)


def _batches(tables: Tables, workspace_id: int) -> Iterator[Waiting]:
    live = [
        row
        for row in tables.batches.values()
        if row.workspace_id == workspace_id
        and row.state in {BatchState.READY, BatchState.UPLOADING}
    ]
    if live:
        since = min(row.updated_at for row in live)
        yield Waiting(workspace_id, live[0].id, batch_name(live[0].id), since)
