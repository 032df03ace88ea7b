"""Workers on Redis, as real processes: the work comes home whatever is killed, lost or doubled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.bison.stub import BisonStub, Fault, serve
from maverick_adapters.container import Wired, wire
from maverick_adapters.queueing import BrokerQueues
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement, Job, JobState
from maverick_core.kernel.time import Month
from maverick_core.targets.rules import TargetAccount
from maverick_core.topology.queues import QUEUES
from maverick_runners.brokers import redis_broker
from tests.e2e import desk as desks
from tests.e2e.desk import CONTACTS, TOKEN, Desk, set_up
from tests.services.processes import command, family, running
from tests.services.redis import RedisServer

SLOW = Fault("slow", path="/api/leads/create-or-update/*", seconds=0.2)


def wait_for(happened: Callable[[], bool]) -> None:
    """Look now and then: the processes that are waited for need the processor too."""
    desks.wait_for(happened, every_seconds=0.05, at_most_seconds=120.0)


@dataclass(frozen=True)
class Office(Desk):
    """A desk, and its record as the test itself reads it."""

    wired: Wired

    def plan(self) -> None:
        self.wired.plan_batches("acme")

    def jobs(self) -> Sequence[Job]:
        return self.wired.store.jobs(limit=1_000)

    def account(self) -> TargetAccount:
        """Return the month's account, counted from the single outcomes."""
        workspace = self.wired.store.workspace("acme")
        month = Month.of(self.wired.clock.now(), workspace.zone)
        return self.wired.store.recount(workspace.id, month)

    def done(self) -> bool:
        """Say whether the stub holds everybody and the account says so."""
        if self.stub.held_count("Acme") < CONTACTS:
            return False
        account = self.account()
        return (account.uploaded, account.in_doubt) == (CONTACTS, 0)


@contextmanager
def desk_on(
    redis: RedisServer, folder: Path, url: str, *, batch_size: int = 1_000, **more: str
) -> Iterator[Office]:
    """Open a desk whose workers are quick to notice what is lost."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    with serve(stub, 0) as server:
        settings = {
            "bison_url": server.url,
            "database_url": url,
            "secret_key": Vault.new_key(),
            "redis_url": redis.url,
            "lease_seconds": "2",
            "sweep_seconds": "0.2",
            "sweep_patience_seconds": "1",
            "metrics_port": "0",
            "log_level": "ERROR",
            **more,
        }
        set_up(load_settings(**settings), batch_size=batch_size)
        variables = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        with wire(load_settings(**settings)) as wired:
            yield Office(folder, stub, {**os.environ, **variables}, wired)


@pytest.fixture
def desk(redis_server: RedisServer, tmp_path: Path) -> Iterator[Office]:
    with desk_on(redis_server, tmp_path, f"sqlite:///{tmp_path}/desk.db") as desk:
        yield desk


@contextmanager
def up(desk: Office) -> Iterator[subprocess.Popen[str]]:
    """Run everything; afterwards nothing of it is left."""
    with desk.start("up") as process:
        everybody: Sequence[int] = ()
        try:
            wait_for(lambda: has_workers(process.pid))
            everybody = family(process.pid)
            yield process
        finally:
            everybody = sorted({*everybody, *family(process.pid)})
            process.terminate()
            process.communicate(timeout=120)
        wait_for(lambda: not running(everybody))


def has_workers(pid: int) -> bool:
    """Say whether relay, two masters and a worker of each are there."""
    return len(family(pid)) >= 6


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_planned_batches_are_uploaded_by_workers_and_every_job_is_on_record(
    database: str,
    redis_server: RedisServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """A hundred batches outlive a process, replaced after fifty tasks, and none is sent twice.

    The metrics of the queue are shown on its own port, and a request to stop ends all with 0.
    """
    url = f"sqlite:///{tmp_path}/desk.db"
    if database == "postgres":
        url = request.getfixturevalue("fresh_postgres_database")()
    port = free_port()
    base = str(port - QUEUES.index(UPLOAD_QUEUE))
    with desk_on(redis_server, tmp_path, url, batch_size=60, metrics_port=base) as desk:
        # Slow enough that the second fifty are not done before the process hears of its end.
        desk.stub.script(Fault("slow", path="/api/leads/*", seconds=0.05))
        with up(desk) as process:
            desk.plan()
            wait_for(lambda: "dramatiq_messages_total" in metrics(port))
            wait_for(desk.done)
            wait_for(lambda: all(job.state is JobState.FINISHED for job in desk.jobs()))

        uploads = [job for job in desk.jobs() if job.code == "finish"]
        assert process.returncode == 0
        assert set(desk.stub.pushes.values()) == {1}
        assert sorted(job.arg or 0 for job in uploads) == list(range(1, 101))
        assert len({str(job.worker).split(":")[1] for job in uploads}) >= 2


def metrics(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return str(answer.read(), "utf-8")
    except OSError:
        return ""  # between two processes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("victim", ["worker", "master"])
def test_what_is_killed_is_started_again_and_its_batches_go_on(desk: Office, victim: str) -> None:
    """SIGKILL in the middle; no process is left over, and no contact is sent more than twice."""
    fault = desk.stub.script(SLOW)
    with up(desk) as process:
        desk.plan()
        wait_for(lambda: desk.stub.held_count("Acme") >= 1_000)
        master = master_of(process.pid, UPLOAD_QUEUE)
        before = family(master)
        os.kill(before[-1] if victim == "worker" else master, signal.SIGKILL)
        desk.stub.lift(fault)
        wait_for(lambda: not running(before))
        wait_for(desk.done)

    assert max(desk.stub.pushes.values()) <= 2


def master_of(supervisor: int, queue: str) -> int:
    """Return the process that leads the queue's workers."""
    return next(
        pid for pid in family(supervisor) if f"maverick_runners.master {queue} " in command(pid)
    )


def test_nothing_outlives_a_killed_supervisor_and_the_next_one_goes_on(desk: Office) -> None:
    """SIGKILL of the one that watches; what it started finishes or hands back, and ends."""
    fault = desk.stub.script(SLOW)
    with desk.start("up") as process:
        wait_for(lambda: has_workers(process.pid))
        desk.plan()
        wait_for(lambda: desk.stub.held_count("Acme") >= 1_000)
        everybody = family(process.pid)
        process.kill()
        wait_for(lambda: not running(everybody))
    desk.stub.lift(fault)
    half = desk.account()
    with up(desk):
        wait_for(desk.done)

    assert half.in_doubt == 0
    assert set(desk.stub.pushes.values()) == {1}


def test_a_redis_that_forgets_everything_costs_time_only(
    desk: Office, redis_server: RedisServer
) -> None:
    """FLUSHALL while batches wait in the queue, then a restart with empty hands."""
    fault = desk.stub.script(SLOW)
    with up(desk), redis_server.client() as client:
        desk.plan()
        wait_for(lambda: desk.stub.held_count("Acme") >= 500)
        client.flushall()
        redis_server.stop()
        redis_server.start()
        desk.stub.lift(fault)
        wait_for(desk.done)


def test_six_messages_for_one_batch_are_one_attempt(
    desk: Office, redis_server: RedisServer
) -> None:
    """The claim decides; the other messages end with what it said."""
    desk.plan()
    settings = load_settings(redis_url=redis_server.url)
    queues = BrokerQueues({UPLOAD_QUEUE: redis_broker(settings, UPLOAD_QUEUE, [])})
    for batch in range(1, 7):
        for _ in range(6):
            queues.enqueue(Announcement(0, UPLOAD_QUEUE, UPLOAD_ACTOR, batch))
    with desk.start("worker", "email-bison") as process:
        wait_for(desk.done)
        wait_for(lambda: sum(job.state is JobState.FINISHED for job in desk.jobs()) == 36)
        process.terminate()
        process.communicate(timeout=60)

    assert set(desk.stub.pushes.values()) == {1}
    assert sum(job.code == "finish" for job in desk.jobs()) == 6
    assert {job.code for job in desk.jobs()} <= {"finish", "busy", "over"}


def test_a_task_over_its_hard_limit_is_ended_with_its_process(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """A call that never comes back takes a process with it and no batch."""
    url = f"sqlite:///{tmp_path}/desk.db"
    with desk_on(redis_server, tmp_path, url, hard_limit_seconds="1.5") as desk:
        fault = desk.stub.script(Fault("slow", path="/api/leads/create-or-update/*", seconds=20.0))
        with up(desk) as process:
            desk.plan()
            before = family(master_of(process.pid, UPLOAD_QUEUE))
            wait_for(lambda: not running(before))
            desk.stub.lift(fault)
            wait_for(desk.done)


def test_workers_without_redis_say_so_before_anything_starts(
    desk: Office, redis_server: RedisServer
) -> None:
    """Exit code 4 and the address without its password; 2 where none is set."""
    redis_server.stop()
    with desk.start("worker", "batching") as process:
        _, err = process.communicate(timeout=60)
    del desk.environment["MAVERICK_REDIS_URL"]
    with desk.start("up") as unset:
        _, complaint = unset.communicate(timeout=60)

    assert process.returncode == 4
    assert "Redis is not reachable at unix:///" in err
    assert unset.returncode == 2
    assert "MAVERICK_REDIS_URL is not set" in complaint
