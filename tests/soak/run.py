"""One soak from its first import to its last audit."""

# ruff: noqa: T201

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from contracts.bison.stub import BisonStub, Fault, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_core.kernel.errors import Unavailable
from tests.services.postgres import DURABLE, find_installation, private_server
from tests.services.redis import running_redis
from tests.soak.audit import Auditor
from tests.soak.crew import Crew
from tests.soak.faults import Trouble
from tests.soak.progress import Progress
from tests.soak.town import Town, switches

AUDIT_SECONDS: Final = 20.0
STUCK_SECONDS: Final = 90.0  # without progress while work waits: longer than any pause of ours
REST_SECONDS: Final = 120.0
ROUNDS: Final = 8  # of re-queueing what failed, once the weather is fair
GROWTH: Final = 1.25  # of a kind of process, from the first third of the time to the last


@dataclass
class Soak:
    """Everything that takes part."""

    town: Town
    crew: Crew
    trouble: Trouble
    auditor: Auditor
    progress: Progress

    def run(self, seconds: float) -> list[str]:
        """Let faults rage for so long, then come to rest; return the violations."""
        begin = time.monotonic()
        found: list[str] = []
        audit_at = begin + AUDIT_SECONDS
        while (now := time.monotonic()) < begin + seconds and not found:
            self._second()
            found += self.crew.gone
            if now >= audit_at:
                found += self.auditor.look()
                self.crew.weigh()
                self._tell(now - begin, found)
                audit_at = time.monotonic() + AUDIT_SECONDS
        self.minutes = (time.monotonic() - begin) / 60
        self.trouble.clear()
        if not found:
            found += self._come_to_rest()
            found += self.auditor.look_at_rest(self.crew.log())
        found += self.crew.stop()
        if self.progress.longest > STUCK_SECONDS:
            found.append(f"no progress for {self.progress.longest:.0f} s: {self.progress.after}")
        return found + self._growth()

    def report(self) -> str:
        """Say what happened."""
        now = self.auditor.before
        if now is None:
            return "nothing was audited"
        town, progress = self.town, self.progress
        lines = [
            f"{self.minutes:.1f} minutes, {len(town.workspaces)} workspaces",
            f"audits: {self.auditor.audits}",
            f"contacts on record: {len(now.contacts):,}, in {len(now.batches):,} batches",
            f"with an outcome: {len(now.outcomes):,}, counted: {len(now.counted):,}",
            f"requests at the stub: {town.stub.requests.total:,}",
            f"longest without progress: {progress.longest:.1f} s, after {progress.after or '-'}",
            "memory, MiB, first third and last: " + self._memory(),
            *(f"  {count:5} {name}" for name, count in sorted(self.trouble.seen.items())),
        ]
        return "\n".join(lines)

    def _second(self) -> None:
        begin = time.monotonic()
        struck = ""
        try:
            struck = self.trouble.second()
            self.progress.look(struck)
        except Unavailable as error:
            self.trouble.seen[f"told: {error.code}"] += 1
        time.sleep(max(0.0, begin + 1.0 - time.monotonic()))

    def _come_to_rest(self) -> list[str]:
        """Wait until nothing is under way; re-queue what failed, and wait again."""
        for _ in range(ROUNDS):
            deadline = time.monotonic() + REST_SECONDS
            self.progress.look()
            while self.progress.waiting:
                if gone := self.crew.gone:
                    return gone
                if time.monotonic() > deadline:
                    return [f"{self.progress.waiting} batches do not come to rest"]
                time.sleep(0.5)
                self.progress.look()
            if not self.town.requeue_all():
                break
        return []

    def _tell(self, seconds: float, found: list[str]) -> None:
        now = self.auditor.before
        assert now
        print(
            f"  {seconds:4.0f} s: {len(now.counted):,} counted of {len(now.contacts):,}, "
            f"{self.progress.waiting} batches wait, {len(found)} violations",
            flush=True,
        )

    def _thirds(self) -> Iterator[tuple[str, float, float]]:
        for kind, found in sorted(self.crew.memory.items()):
            if third := len(found) // 3:
                yield kind, median(found[:third]), median(found[-third:])

    def _memory(self) -> str:
        return ", ".join(f"{kind} {first:.0f} → {last:.0f}" for kind, first, last in self._thirds())

    def _growth(self) -> list[str]:
        return [
            f"memory of {kind} grew from {first:.0f} to {last:.0f} MiB"
            for kind, first, last in self._thirds()
            if last > GROWTH * first
        ]


@contextmanager
def opened(folder: Path, seed: int, workspaces: int) -> Iterator[Soak]:
    """Start the services and the workers, and make the town."""
    rng = Random(seed)
    stub = BisonStub(switches(), seed=seed)
    stub.script(Fault("latency", path="/api/leads*", seconds=0.05))
    with (
        serve(stub) as server,
        running_redis() as redis,
        # A crash of the server must not take what it said was on record: that is the disk's fault.
        private_server(find_installation(), DURABLE) as postgres,
    ):
        settings = {
            "database_url": postgres.address.render_as_string(hide_password=False),
            "bison_url": server.url,
            "redis_url": redis.url,
            "secret_key": Vault.new_key(),
            "lease_seconds": "3",
            "sweep_seconds": "0.5",
            "sweep_patience_seconds": "3",
            "stop_seconds": "20",
            "bison_timeout_seconds": "20",
            "metrics_port": "0",
            "http_port": "0",
            "log_level": "ERROR",
        }
        variables = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        crew = Crew(folder, {**os.environ, **variables})
        with wire(load_settings(_env_file=None, **settings)) as wired:
            town = Town(wired, stub, rng)
            town.found(workspaces)
            trouble = Trouble(rng, town, crew, redis, postgres)
            crew.start()
            try:
                yield Soak(town, crew, trouble, Auditor(town), Progress(wired))
            finally:
                crew.stop()
