"""The whole way of a workspace's contacts: asked for stage by stage, done by workers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maverick_core.jobs.rules import JobState
from maverick_core.kernel.errors import Unavailable
from maverick_core.operations.rules import Operation, OperationState
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.pipeline.raw_import.rules import Import, ImportState, NewImport, Reading
from maverick_core.pipeline.scraping.source import parse_source
from tests.chaos.pipeline.workers import QUEUES
from tests.chaos.pipeline.world import World, write_list
from tests.e2e.stage import Stage, master_of, stage_on, wait_for, worker_of
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

if TYPE_CHECKING:
    import subprocess

SLUG: Final = "acme"
STAGES: Final = tuple(QUEUES)
"""Stages go by their queue."""
VERIFIED: Final = 40
"""Contacts that came verified, among them those whom Email Bison turns away."""
_TARGET: Final = 10_000
_BATCH: Final = 400

Strike = Callable[["Line", str], None]
"""Asks for a stage, and strikes it; what it leaves is waited for."""


@dataclass
class Line:
    """A stage with a world, and how far the contacts are."""

    stage: Stage
    world: World
    file: Path
    stack: ExitStack
    recoveries: list[float] = field(default_factory=list)
    """Seconds from each strike to the end of the stage that it met."""
    supervisor: subprocess.Popen[bytes] | None = None
    _moments: list[float] = field(default_factory=list)
    _wishes: dict[str, Operation | Import] = field(default_factory=dict)

    def start(self) -> None:
        """Start relay and workers of every stage; they end with the line."""
        workers = self.stage.kept(sys.executable, "-m", "tests.chaos.pipeline.workers")
        self.supervisor = process = self.stack.enter_context(workers)
        wait_for(lambda: all(worker_of(process.pid, queue) for queue in STAGES))
        self.stage.supervised(process)

    def go(self, strikes: Mapping[str, Strike]) -> None:
        """Ask for one stage after the other; strike where it is said, and wait for its end."""
        # A strike at the upload needs one that lasts: it begins as soon as the plan is there.
        slowly = self.stage.slow() if STAGES[-1] in strikes else nullcontext()
        with slowly:
            for stage in STAGES:
                strike = strikes.get(stage, Line.ask)
                strike(self, stage)
                struck = self._moments.pop() if self._moments else time.monotonic()
                self.comes_home(stage)
                if stage in strikes:
                    self.recoveries.append(time.monotonic() - struck)

    def struck(self) -> None:
        """Note that the fault happens now, where the strike itself goes on after it."""
        self._moments[:] = [time.monotonic()]

    def ask(self, stage: str) -> None:
        """Put the wish for a stage on record, as a person does."""
        wired = self.stage.wired
        match stage:
            case "scraping":
                self._wishes[stage] = wired.request_run(SLUG, "directory", by="pat")
            case "csv_processing":
                self._wishes[stage] = self._start_import()
            case "filtering":
                self._wishes[stage] = wired.request_filter(SLUG, by="pat")
            case "verification":
                self._wishes[stage] = wired.request_verification(SLUG, by="pat")
            case "batching":
                self._wishes[stage] = wired.request_plan(SLUG, by="pat")

    def comes_home(self, stage: str) -> None:
        """Wait for the end of what was asked for, and ask again as long as some of it waits."""
        wait_for(lambda: self.over(stage))
        if stage == "verification" and self._unverified():
            self.ask(stage)
            self.comes_home(stage)

    def over(self, stage: str) -> bool:
        """Say whether the stage has done what was asked for; while the database is away, no.

        Raises:
            AssertionError: it failed.

        """
        try:
            return self._over(stage)
        except Unavailable:
            return False

    def started(self, stage: str) -> bool:
        """Say whether a worker of the stage has begun."""
        return any(
            job.queue == stage and job.state is not JobState.QUEUED for job in self.stage.jobs()
        )

    def worker(self, stage: str) -> int:
        """Return the process that works on a stage."""
        assert self.supervisor
        found = worker_of(self.supervisor.pid, stage)
        assert found, f"nobody works on {stage}"
        return found

    def master(self, stage: str) -> int:
        """Return the process that leads it."""
        assert self.supervisor
        found = master_of(self.supervisor.pid, stage)
        assert found, f"nobody leads {stage}"
        return found

    def _over(self, stage: str) -> bool:
        store = self.stage.wired.store
        if stage == "bison_uploads":
            views = store.batches(BatchFilter(slug=SLUG), limit=1_000)
            self.stage.batches[:] = sorted(view.id for view in views)
            return self.stage.at_rest()
        wish = self._wishes[stage]
        if isinstance(wish, Import):
            found = store.import_of(wish.workspace_id, wish.id)
            assert found.state is not ImportState.FAILED, found.why
            return found.state is ImportState.DONE
        operation = store.operation(wish.id)
        assert operation.state is not OperationState.FAILED, operation.problem
        return operation.state is OperationState.SUCCEEDED

    def _unverified(self) -> int:
        store = self.stage.wired.store
        return store.verification_counts(store.workspace(SLUG).id).waiting

    def _start_import(self) -> Import:
        wired = self.stage.wired
        new = NewImport(self.file.name, self.file.stat().st_size, "pat")
        found = wired.take_file(wired.take_file.begin(SLUG, new), 0, self.file.read_bytes())
        return wired.start_import(found, Reading())


@contextmanager
def line_on(
    redis: RedisServer,
    folder: Path,
    database_url: str,
    postgres: PostgresServer | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[Line]:
    """Open a line with ``more`` settings; nothing has come in yet but a few who are verified."""
    world = World()
    file = folder / "list.csv"
    write_list(file)
    try:
        with stage_on(
            redis,
            folder,
            database_url,
            postgres=postgres,
            contacts=VERIFIED,
            batch_size=_BATCH,
            more={**world.settings, **(more or {})},
        ) as stage:
            wired = stage.wired
            wired.set_target(SLUG, stage.month, _TARGET)
            source = parse_source(world.source)
            workspace = wired.store.workspace(SLUG)
            wired.store.put_source(workspace.id, source, by="pat", at=wired.clock.now())
            with ExitStack() as stack:
                yield Line(stage, world, file, stack)
    finally:
        world.close()
