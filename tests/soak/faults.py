"""What goes wrong, and how often: everything that may happen in a second of the soak."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Final

from contracts.bison.stub import Fault
from contracts.bison.stub.faults import Does
from maverick_adapters.queueing import BrokerQueues
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement
from maverick_core.kernel.errors import Unauthorised, Unavailable
from maverick_runners.brokers import redis_broker
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer
from tests.soak.crew import VICTIMS, Crew
from tests.soak.town import Town

_LEADS: Final = "/api/leads*"


def _often(does: Does, path: str, **more: Any) -> Fault:
    return Fault(does, path=path, probability=0.4, **more)


def weather(rng: Random) -> Mapping[str, Fault]:
    """Return what Email Bison and the way there may be like for some seconds."""
    return {
        "slow": _often("slow", _LEADS, seconds=rng.uniform(0.1, 2.0)),
        "500": _often("status", _LEADS, status=500),
        "500, applied": _often("status", _LEADS, status=500, applied=True),
        "429": _often("rate_limited", "/api/*", retry_after=rng.randint(0, 2)),
        "dropped before": _often("drop_before", "/api/*"),
        "dropped after": _often("drop_after", "/api/*"),
        "late": _often("late", _LEADS, after_requests=rng.randint(1, 30)),
        "cut off": _often("truncate", "/api/*"),
        "page of a gateway": _often("html", _LEADS, applied=rng.random() < 0.5),
    }


# In a thousand seconds.
PEOPLE: Final = {
    "imports and plans": 350,
    "plans": 60,
    "sets a target": 150,
    "re-queues": 120,
    "re-queues whatever": 20,
    "cancels": 25,
}
FAULTS: Final = {
    **{f"weather: {name}": 14 for name in weather(Random(0))},
    "token refused": 15,
    **{f"kill -9 {victim}": weight for victim, weight in zip(VICTIMS, (20, 8, 8, 5), strict=True)},
    "Redis flushed": 12,
    "Redis restarted": 6,
    "PostgreSQL restarted": 5,
    "messages twice": 30,
}


@dataclass
class Trouble:
    """Brings about what is drawn, and sees to it that it passes."""

    rng: Random
    town: Town
    crew: Crew
    redis: RedisServer
    postgres: PostgresServer
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin with nothing that has to pass."""
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        broker = redis_broker(self.town.wired.settings, UPLOAD_QUEUE, [])
        self._queues = BrokerQueues({UPLOAD_QUEUE: broker})

    def second(self) -> str:
        """Let a second's worth happen; return the fault that struck, if one did."""
        self.pass_on(time.monotonic())
        for name, weight in PEOPLE.items():
            if self.rng.random() * 1_000 < weight:
                self.seen[f"somebody {name}"] += 1
                self._somebody(name)
        struck = [name for name, weight in FAULTS.items() if self.rng.random() * 1_000 < weight]
        for name in struck:
            self._strike(name)
            self.seen[name] += 1
        return ", ".join(struck)

    def pass_on(self, now: float) -> None:
        """Let pass what is due to."""
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()

    def clear(self) -> None:
        """Let everything pass, and every request that is on its way arrive."""
        self.pass_on(float("inf"))
        self.town.stub.deliver_late()

    def _somebody(self, name: str) -> None:
        town = self.town
        workspace = self.rng.choice(town.workspaces)
        match name:
            case "imports and plans":
                town.import_and_plan(workspace)
            case "plans":
                town.plan(workspace)
            case "sets a target":
                town.set_target(workspace)
            case "cancels":
                town.cancel()
            case _:
                town.requeue(whatever=name != "re-queues")

    def _strike(self, name: str) -> None:
        kind, _, what = name.partition(": ")
        match name:
            case "token refused":
                self._refuse_a_token()
            case "Redis flushed":
                with self.redis.client() as client:
                    client.flushall()
            case "Redis restarted":
                self.redis.stop()
                _pass(self.rng.uniform(0.0, 3.0))
                self.redis.start()
            case "PostgreSQL restarted":
                self.postgres.stop_at_once()
                _pass(self.rng.uniform(0.0, 2.0))
                self.postgres.start()
                _pass(1.1)  # from then on connections are asked whether they still stand
            case "messages twice":
                self._tell_twice()
            case _ if kind == "weather":
                stub = self.town.stub
                number = stub.script(weather(self.rng)[what])
                self._after(self.rng.uniform(1.0, 8.0), lambda: stub.lift(number))
            case _:
                if not self.crew.kill(name.removeprefix("kill -9 "), self.rng):
                    self.seen["nobody to kill"] += 1

    def _refuse_a_token(self) -> None:
        workspace = self.rng.choice(self.town.workspaces)
        token = self.town.replace_token(workspace)
        self._after(self.rng.uniform(2.0, 10.0), lambda: self._store(workspace.slug, token))

    def _store(self, slug: str, token: str) -> None:
        """Store the token that Email Bison knows, as often as it takes; a newer one wins."""
        try:
            self.town.wired.set_token(slug, token)
        except Unavailable:
            self._after(1.0, lambda: self._store(slug, token))
        except Unauthorised:
            self.seen["token overtaken"] += 1

    def _tell_twice(self) -> None:
        for batch in self.town.some_batches(4):
            for _ in range(2):
                self._queues.enqueue(Announcement(0, UPLOAD_QUEUE, UPLOAD_ACTOR, batch))

    def _after(self, seconds: float, deed: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), deed))


def _pass(seconds: float) -> None:
    time.sleep(seconds)
