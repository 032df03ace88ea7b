"""The two sides of the load: how each is set up, started, told to begin, and proved exact."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

import dramatiq
import httpx
import psycopg
import redis
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy import create_engine, make_url

from benchmarks import orm_peer, world
from benchmarks.measure import Figures, check_exact
from benchmarks.upload import calm, raw_bison
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_runners.app import ACTORS
from tests.services.databases import Databases
from tests.services.processes import family, memory_mib, role
from tests.services.redis import running_redis

_LOOK_SECONDS: Final = 0.05
_MOST_SECONDS: Final = 900.0
_PROGRAMS: Final = Path(sys.executable).parent

Connection = psycopg.Connection[Any]


class Side(ABC):
    """One side: batches of ``contacts`` contacts, ready in a database that is copied for each run.

    A run is timed from telling the workers, who have been started and wait, to the last outcome.
    """

    name: ClassVar[str]
    heartbeats: ClassVar[str]
    """The key in Redis that holds who consumes."""
    consumers: ClassVar[int]
    left: ClassVar[str]
    """Asks how many batches are not uploaded."""
    sums: ClassVar[str]
    """Asks how many contacts are on record as taken, and how many the batches say that were."""
    waits: ClassVar[str] = ""
    """Asks how long batches waited for a worker, the middle and the slowest hundredth of them."""

    def __init__(self, databases: Databases, contacts: int) -> None:
        """Plan the batches, in a database that each run copies."""
        self._databases = databases
        self._contacts = contacts
        self._copy = databases.template(lambda address: self.build(address, contacts))

    def run(self, latency_ms: int) -> Figures:
        """Run once, with fresh processes against a fresh stub, Redis and database.

        Raises:
            NotExactError: what is recorded, counted and held is not the same.

        """
        address = plain(self._copy())
        calm(address)
        with (
            raw_bison(latency_ms) as bison,
            running_redis() as server,
            server.client() as client,
            self._started(address, bison, server.url) as root,
            psycopg.connect(address, autocommit=True) as connection,
        ):
            self._wait_for_workers(client)
            begin = time.perf_counter()
            self.announce(connection, server.url)
            peaks = self._watch(connection, root)
            seconds = time.perf_counter() - begin
            figures = self._sums(connection) | self._waits(connection)
            sums = httpx.get(bison).json()
        self._databases.drop(str(make_url(address).database))
        whole = dict.fromkeys(("recorded", "counted", "held", "pushed"), self._contacts)
        check_exact(self.name, whole, figures | sums)
        memory = {f"MiB of {role}": mib for role, mib in peaks.items()}
        return {**figures, **memory, "seconds": seconds, "peak_mib": max(peaks.values())}

    @abstractmethod
    def build(self, address: str, contacts: int) -> None:
        """Fill an empty database with planned batches."""

    @abstractmethod
    def program(self, address: str, bison: str, broker: str) -> tuple[list[str], dict[str, str]]:
        """Return the command that works, and what it is told by its environment."""

    @abstractmethod
    def announce(self, connection: Connection, broker: str) -> None:
        """Tell the workers of every batch."""

    @contextmanager
    def _started(self, address: str, bison: str, broker: str) -> Iterator[int]:
        words, told = self.program(address, bison, broker)
        with subprocess.Popen(words, env={**os.environ, **told}) as process:
            try:
                yield process.pid
            finally:
                process.terminate()

    def _wait_for_workers(self, client: redis.Redis) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while int(client.zcard(self.heartbeats)) < self.consumers:
            _within(deadline)

    def _watch(self, connection: Connection, root: int) -> Mapping[str, float]:
        """Wait for the last batch; return the most memory that a process of each role had."""
        deadline = time.monotonic() + _MOST_SECONDS
        peaks: defaultdict[str, float] = defaultdict(float)
        while _one(connection, self.left):
            for pid in family(root):
                if name := role(pid):  # it may have ended since it was found
                    peaks[name] = max(peaks[name], memory_mib(pid, peak=True))
            _within(deadline)
        return peaks

    def _sums(self, connection: Connection) -> dict[str, float]:
        row = connection.execute(self.sums).fetchone()
        return dict(zip(("recorded", "counted"), row or (), strict=True))

    def _waits(self, connection: Connection) -> dict[str, float]:
        row = self.waits and connection.execute(self.waits).fetchone()
        return dict(zip(("waited_p50", "waited_p99"), row[0], strict=True)) if row else {}


class Workers(Side):
    """The product, as ``maverick up`` runs it with the settings that it comes with."""

    name = "workers"
    heartbeats = "maverick:__heartbeats__"
    consumers = len(ACTORS)
    left = "SELECT count(*) FROM contact_batches WHERE state <> 'uploaded'"
    sums = """
    SELECT (SELECT count(*) FROM outcomes WHERE outcome = 'accepted'),
           (SELECT sum(accepted) FROM contact_batches)
    """
    waits = """
    SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
               ORDER BY greatest(0, extract(epoch FROM started_at - queued_at)))
    FROM jobs WHERE queue = 'bison_uploads' AND code = 'finish'
    """

    def __init__(self, databases: Databases, contacts: int) -> None:
        """Plan the batches, with tokens kept by a key of our own."""
        self._key = Vault.new_key()
        super().__init__(databases, contacts)

    def build(self, address: str, contacts: int) -> None:
        """Plan, and keep the announcements from the relay until the run begins."""
        world.build(address, self._key, contacts=contacts)
        settings = load_settings(_env_file=None, database_url=address, secret_key=self._key)
        with wire(settings) as wired:
            for workspace in wired.store.workspaces():
                wired.plan_batches(workspace.slug)
        with psycopg.connect(plain(address), autocommit=True) as connection:
            connection.execute("UPDATE outbox SET held_until = now() + interval '1 day'")
            connection.execute("VACUUM ANALYZE")

    def program(self, address: str, bison: str, broker: str) -> tuple[list[str], dict[str, str]]:
        """Run the relay and every worker group; ports may be taken, so that none is opened."""
        settings = {
            "DATABASE_URL": address,
            "BISON_URL": bison,
            "REDIS_URL": broker,
            "SECRET_KEY": self._key,
            "METRICS_PORT": "0",
            "HTTP_PORT": "0",
        }
        told = {f"MAVERICK_{name}": value for name, value in settings.items()}
        return [str(_PROGRAMS / "maverick"), "up"], told

    def announce(self, connection: Connection, broker: str) -> None:  # noqa: ARG002
        """Let the relay have what was kept from it."""
        connection.execute("UPDATE outbox SET held_until = NULL")


class Peer(Side):
    """Plain Dramatiq with an ORM (``orm_peer.py``)."""

    name = "peer"
    heartbeats = "dramatiq:__heartbeats__"
    consumers = 1
    left = "SELECT count(*) FROM peer_batches WHERE state <> 'uploaded'"
    sums = """
    SELECT (SELECT count(*) FROM peer_contacts WHERE status = 'uploaded'),
           (SELECT sum(uploaded) FROM peer_batches)
    """
    threads: ClassVar[int] = 12
    """As many requests under way as the product has."""

    def __init__(self, databases: Databases, contacts: int, *, saves: str) -> None:
        """Save contacts one by one (``row``) or as the commit does (``chunk``)."""
        self._saves = saves
        super().__init__(databases, contacts)

    def build(self, address: str, contacts: int) -> None:
        """Plan the same contacts into tables of its own."""
        world.build(address, Vault.new_key(), contacts=contacts)
        engine = create_engine(address)
        orm_peer.plan(engine)
        engine.dispose()

    def program(self, address: str, bison: str, broker: str) -> tuple[list[str], dict[str, str]]:
        """Run Dramatiq's own command, one process, as the product has for uploads."""
        threads = ("--processes", "1", "--threads", str(self.threads))
        words = [
            str(_PROGRAMS / "dramatiq"),
            "benchmarks.orm_peer:start",
            *threads,
            "--skip-logging",
        ]
        database = address.replace("postgresql:", "postgresql+psycopg:")
        return words, {
            "PEER_DATABASE": database,
            "PEER_BISON": bison,
            "PEER_REDIS": broker,
            "PEER_SAVES": self._saves,
        }

    def announce(self, connection: Connection, broker: str) -> None:
        """Send a message for each batch."""
        queue = RedisBroker(url=broker)  # type: ignore[no-untyped-call]
        for (batch,) in connection.execute("SELECT id FROM peer_batches ORDER BY id").fetchall():
            queue.enqueue(
                dramatiq.Message(
                    queue_name="default",
                    actor_name="upload_batch",
                    args=(batch,),
                    kwargs={},
                    options={},
                )
            )
        queue.close()


def plain(address: str) -> str:
    """Return the address as psycopg wants it."""
    return address.replace("+psycopg", "")


def _one(connection: Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row and row[0]


def _within(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError("the benchmark came to no end")
    time.sleep(_LOOK_SECONDS)
