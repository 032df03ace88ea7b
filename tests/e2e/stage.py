"""The whole of production on this machine: PostgreSQL or SQLite, Redis, the stub, real processes.

Of everybody planned, one is skipped by Email Bison, one is refused and one will not go into the
campaign, so that nothing comes out right by chance.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contracts.bison.stub import BisonStub, Fault, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_core.jobs.rules import UPLOAD_QUEUE, Job
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.batch import BatchState
from tests.e2e import desk
from tests.e2e.desk import TOKEN, Desk, email, set_up
from tests.services.postgres import PostgresServer
from tests.services.processes import command, family, running
from tests.services.redis import RedisServer

ROOT: Final = Path(__file__).parents[2]
SKIPPED, REFUSED, UNATTACHABLE = (email(n) for n in (3, 14, 15))
NOT_TAKEN: Final = 2
PUSHES: Final = "/api/leads/create-or-update/*"
_OVER: Final = (BatchState.UPLOADED, BatchState.FAILED, BatchState.CANCELLED)


def wait_for(happened: desk.Condition, *, at_most_seconds: float = 90.0) -> None:
    """Look now and then: the processes that are waited for need the processor too."""
    desk.wait_for(happened, every_seconds=0.05, at_most_seconds=at_most_seconds)


@dataclass(frozen=True)
class Stage(Desk):
    """A desk with workers."""

    redis: RedisServer
    postgres: PostgresServer | None
    campaign_id: int
    contacts: int
    batches: list[int] = field(default_factory=list)
    """The ids of what was planned."""
    moments: dict[str, float] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    """Processes of which nothing may be left when the stage is taken down."""

    @property
    def taken(self) -> int:
        """How many of everybody Email Bison takes."""
        return self.contacts - NOT_TAKEN

    @property
    def held(self) -> int:
        """How many the stub holds."""
        return self.stub.held_count("Acme")

    def plan(self, *, batch_size: int | None = None) -> None:
        """Plan everybody: from here on workers upload."""
        plan = self.wired.plan_batches("acme", batch_size=batch_size)
        self.batches.extend(range(plan.first_id or 0, (plan.first_id or 0) + plan.batches))

    def states(self) -> Sequence[BatchState]:
        """Return the state of each batch."""
        return [self.wired.store.batch(batch).state for batch in self.batches]

    def at_rest(self) -> bool:
        """Say whether every batch has ended or failed; while the database is away, none has."""
        try:
            return all(state in _OVER for state in self.states())
        except Unavailable:
            return False

    def jobs(self) -> Sequence[Job]:
        """Return what workers were told and what became of it."""
        return self.wired.store.jobs(limit=10_000)

    @contextmanager
    def slow(self, seconds: float = 0.3) -> Iterator[None]:
        """Let Email Bison take its time, so that the block happens while requests are under way."""
        fault = self.stub.script(Fault("slow", path=PUSHES, seconds=seconds))
        try:
            yield
        finally:
            self.stub.lift(fault)

    def under_way(self, people: int = 500) -> None:
        """Wait until Email Bison has taken some."""
        wait_for(lambda: self.held >= people)

    def struck(self) -> None:
        """Note that the fault happens now: recovery is counted from here."""
        self.moments["struck"] = time.monotonic()

    def comes_home(self, *, at_most_seconds: float = 90.0) -> None:
        """Wait until every batch has ended or failed."""
        wait_for(self.at_rest, at_most_seconds=at_most_seconds)
        self.moments["home"] = time.monotonic()

    @property
    def recovery_seconds(self) -> float | None:
        """How long it took from the fault until every batch had ended or failed."""
        struck, home = self.moments.get("struck"), self.moments.get("home")
        return home - struck if struck and home and home > struck else None

    @contextmanager
    def up(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run relay and workers of every queue."""
        with self.running("up") as process:
            wait_for(lambda: worker_of(process.pid) is not None)
            yield process

    @contextmanager
    def uploading(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run relay and upload workers only: a machine starts all the others for seconds.

        They die where a `Doom` says so.
        """
        with self.kept(sys.executable, "-m", "tests.chaos.doomed") as process:
            wait_for(lambda: worker_of(process.pid) is not None)
            yield process

    def running(self, *arguments: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run a `maverick` command."""
        return self.kept(desk.MAVERICK, *arguments)

    @contextmanager
    def kept(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program; when the block ends nothing of it is left, by force if need be.

        What outlived its supervisor's death is left to itself until the stage is taken down.
        """
        with (self.folder / "log").open("ab") as log, self._popen(command, log.fileno()) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    end(family(process.pid))

    def supervised(self, process: subprocess.Popen[bytes]) -> Sequence[int]:
        """Return the process and all that it started, to see later that none is left."""
        found = family(process.pid)
        self.started.update(found)
        return found

    def _popen(self, command: Sequence[str], log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log,
        )  # fmt: skip

    def log(self) -> str:
        """Return what all processes wrote."""
        return (self.folder / "log").read_text(errors="replace")


def end(pids: Iterable[int]) -> None:
    """Kill those that have not ended."""
    for pid in running(list(pids)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def master_of(supervisor: int, queue: str = UPLOAD_QUEUE) -> int | None:
    """Return the process that leads the queue's workers, if it is there."""
    begin = f"maverick_runners.master {queue} "
    found = (pid for pid in family(supervisor) if begin in command(pid))
    return next(found, None)


def worker_of(supervisor: int, queue: str = UPLOAD_QUEUE) -> int | None:
    """Return the process that works off the queue, if it is there."""
    master = master_of(supervisor, queue)
    return next(iter(family(master)[1:]), None) if master else None


@contextmanager
def stage_on(
    redis: RedisServer,
    folder: Path,
    database_url: str,
    *,
    postgres: PostgresServer | None = None,
    contacts: int = 4_800,
    batch_size: int = 800,
    more: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """Open a stage whose workers are quick to notice what is lost, with ``more`` settings."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    stub.script(Fault("skip_rows", emails=frozenset({SKIPPED})))
    stub.refuse(REFUSED)
    stub.script(Fault("refuse_attach", emails=frozenset({UNATTACHABLE})))
    campaign_id = stub.add_campaign("Acme", "Homeowners")
    with serve(stub, 0) as server:
        settings = {
            "bison_url": server.url,
            "database_url": database_url,
            "secret_key": Vault.new_key(),
            "redis_url": redis.url,
            "lease_seconds": "2",
            "sweep_seconds": "0.2",
            "sweep_patience_seconds": "1",
            "stop_seconds": "20",
            "metrics_port": "0",
            "http_port": "0",
            "log_level": "ERROR",
            "bison_confirm_attach": "false",  # pushes leads once more, and pushes are counted
            **(more or {}),
        }
        set_up(
            load_settings(**settings),
            contacts=contacts, batch_size=batch_size, campaign_id=campaign_id,
        )  # fmt: skip
        variables = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
        with wire(load_settings(**settings)) as wired:
            stage = Stage(folder, stub, environment, wired, redis, postgres, campaign_id, contacts)
            try:
                yield stage
            finally:
                end(stage.started)
