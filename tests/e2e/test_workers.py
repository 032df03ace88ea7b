"""Workers on Redis, as real processes: what is planned is uploaded, and seen while it is."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.bison.stub import Fault
from maverick_core.jobs.rules import UPLOAD_QUEUE, JobState
from maverick_core.topology.queues import QUEUES
from tests.chaos.cases import case
from tests.chaos.checks import Expected, wrong
from tests.e2e.stage import PUSHES, Stage, stage_on, wait_for
from tests.services.processes import family, role, running
from tests.services.redis import RedisServer

BATCHES = 60
ONCE = Expected(pushes=1)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("fresh_postgres_database")())
    return f"sqlite:///{tmp_path}/desk.db"


def test_planned_batches_are_uploaded_by_workers_and_every_job_is_on_record(
    database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """After fifty of sixty batches a process is relieved by another, and none is sent twice.

    The metrics of the queue are shown on its own port, and a request to stop ends all with 0.
    """
    port = free_port()
    more = {
        "metrics_port": str(port - QUEUES.index(UPLOAD_QUEUE)),
        "sweep_patience_seconds": "30",  # nothing is lost here, and nobody dies
        "lease_seconds": "30",
    }
    with stage_on(
        redis_server, tmp_path, database_url, contacts=2_400, batch_size=40, more=more
    ) as stage:
        # The last are slow: some are under way when the successor comes.
        stage.stub.script(Fault("slow", path=PUSHES, nth=BATCHES - 15, seconds=0.5))
        with stage.up() as up:
            first = masters(up.pid)
            stage.plan()
            wait_for(lambda: "dramatiq_messages_total" in metrics(port))
            stage.comes_home()
            wait_for(lambda: all(job.state is JobState.FINISHED for job in stage.jobs()))
            wait_for(lambda: bool(masters(up.pid) - first))
            both = masters(up.pid)
            wait_for(lambda: not running(list(first)))
            wait_for(lambda: listens(port))
            everybody = family(up.pid)
            up.terminate()
            code = up.wait(timeout=60)
        uploads = [job for job in stage.jobs() if job.code == "finish"]

        assert code == 0
        assert both > first, "the successor was to be there before the first one went"
        assert not running(everybody)
        assert wrong(stage, ONCE) == []
        assert sorted(job.arg or 0 for job in uploads) == stage.batches
        assert len(stage.batches) == BATCHES


def masters(supervisor: int) -> set[int]:
    return {pid for pid in family(supervisor) if role(pid) == UPLOAD_QUEUE}


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False  # between two processes


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


@pytest.mark.parametrize(
    "name",
    [
        "kill -9 in the middle: worker",
        "kill -9 in the middle: supervisor",
        "Redis killed and restarted: AOF off",
        "six deliveries: two processes",
        "task hangs: hard limit",
    ],
)
def test_the_account_is_exact_after(
    name: str, fresh_postgres_database: Callable[[], str], redis_server: RedisServer, tmp_path: Path
) -> None:
    """The faults of `make chaos` that are most likely and soonest over."""
    chosen = case(name)
    with stage_on(redis_server, tmp_path, fresh_postgres_database(), more=chosen.settings) as stage:
        chosen.strike(stage)

        assert wrong(stage, chosen.expected) == []


@pytest.fixture
def stage(redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(redis_server, tmp_path, f"sqlite:///{tmp_path}/desk.db") as stage:
        yield stage


def test_workers_without_redis_say_so_before_anything_starts(stage: Stage) -> None:
    """Exit code 4 and the address without its password; 2 where none is set."""
    stage.redis.stop()
    with stage.start("worker", "batching") as process:
        _, err = process.communicate(timeout=60)
    del stage.environment["MAVERICK_REDIS_URL"]
    with stage.start("up") as unset:
        _, complaint = unset.communicate(timeout=60)

    assert process.returncode == 4
    assert "Redis is not reachable at unix:///" in err
    assert unset.returncode == 2
    assert "MAVERICK_REDIS_URL is not set" in complaint
