"""One integer makes one history: workers, people and accidents around one store, in virtual time.

The real ``UploadBatch`` steps run over the memory store; only the air and the clock are simulated.
After every step the laws are asked. When faults have raged long enough the weather clears, the
sweeper runs until all is quiet, and then the laws that hold at rest are asked as well.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from contracts.machines.weather import FAIR, SimulatedFlights
from contracts.machines.world import LEASE, MOST_WORKERS, WatchedStore, Worker, World
from maverick_core.kernel.errors import MaverickError
from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.batch import LIVE, BatchState

STEPS: Final = 140  # of faults, before the weather clears
QUIET: Final = 3_000  # steps; a world that is not at rest by then never will be

# What happens beside the workers' own steps, and how often in a thousand.
ACCIDENTS: Final = {
    "nothing": 560,
    "doorbell": 190,
    "kill": 60,
    "stall": 50,
    "cancel": 25,
    "requeue": 60,
    "plan": 20,
    "import": 8,
    "target": 8,
    "token refused": 8,
    "token stored": 16,
    "stop": 15,
    "clock": 10,
    "month": 5,
}
JUMPS: Final = (-86_400, -600, -40, 40, 600, 86_400)  # seconds that a clock is corrected by


class Broken(AssertionError):
    """A law was broken; says by which seed, and what led to it."""


@dataclass
class Simulation:
    """One history, told by ``seed`` alone."""

    seed: int
    store_type: type[WatchedStore] = WatchedStore
    flights_type: type[SimulatedFlights] = SimulatedFlights
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make the world."""
        self.world = World(self.seed, self.store_type, self.flights_type, self.seen)
        self.trail: deque[str] = deque(maxlen=30)
        self._asked = (-1, -1)
        self._before = self.world.store.snapshot()

    def run(self) -> None:
        """Live the history to its end.

        Raises:
            Broken: a law was.

        """
        try:
            for _ in range(STEPS):
                self._accident()
                self._advance()
            self._come_to_rest()
        except (AssertionError, MaverickError, LookupError, ValueError) as error:
            trail = "\n  ".join(self.trail)
            raise Broken(f"seed {self.seed}: {error!r}\n  {trail}") from error

    # Faults

    def _accident(self) -> None:
        """Let a person or a fault come in between, or nothing."""
        world, rng = self.world, self.world.rng
        kind = rng.choices(list(ACCIDENTS), list(ACCIDENTS.values()))[0]
        if kind == "nothing":
            return
        workspace = rng.choice(world.workspaces)
        batch_id = self._some_batch()
        deeds: Mapping[str, Callable[[], None]] = {
            "doorbell": lambda: self._ring(batch_id),
            "cancel": lambda: world.cancel(batch_id),
            "requeue": lambda: world.requeue(batch_id),
            "plan": lambda: world.plan_batches(workspace),
            "import": lambda: world.import_contacts(workspace, rng.randint(1, 3)),
            "target": lambda: world.set_target(workspace),
            "token refused": lambda: world.bison.locked_out.add(workspace.id),
            "token stored": lambda: world.store_token(workspace),
            "clock": lambda: world.clock.advance(rng.choice(JUMPS)),
            "month": lambda: world.clock.advance(31 * 86_400),
        }
        self.trail.append(f"{world.sky.now:8.1f} {kind} b{batch_id} {workspace.slug}")
        if deed := deeds.get(kind):
            deed()
        elif world.workers:
            self._strike(rng.choice(world.workers), kind)
        self._ask(f"{kind} b{batch_id}")

    def _some_batch(self) -> int:
        """Draw a batch, rather one that is not over; the scene has planned one at least."""
        batches = self._before.batches
        live = [batch for batch in batches if batch.state in LIVE]
        pool = live if live and self.world.rng.randrange(4) else batches
        return self.world.rng.choice(pool).id

    def _ring(self, batch_id: int) -> None:
        if len(self.world.workers) < MOST_WORKERS:
            self.world.hire(batch_id, delay=self.world.rng.uniform(0.0, 2.0))

    def _strike(self, worker: Worker, kind: str) -> None:
        rng, seen = self.world.rng, self.world.seen
        if kind == "kill":
            self.world.workers.remove(worker)
            seen[f"killed before {worker.upload.label}"] += 1
        elif kind == "stall":
            worker.wake_at += rng.uniform(0.3, 2.5) * LEASE
        elif kind == "stop" and worker.flights:
            worker.flights.asked_to_stop = True

    # Time

    def _advance(self) -> bool:
        """Let the next thing happen; returns False when nothing is under way."""
        world, sky = self.world, self.world.sky
        worker = min(world.workers, key=lambda worker: worker.ready_at, default=None)
        arrival = sky.next_arrival
        if worker and (arrival is None or worker.ready_at < arrival):
            sky.move_to(max(worker.ready_at, sky.now))
            label = f"{worker.upload.label} of b{worker.batch_id} by fence {worker.fence}"
            self.trail.append(f"{sky.now:8.1f} {label}")
            fence = worker.fence
            world.step(worker)
            self._ask(label, batch_id=worker.batch_id, fence=fence)
        elif arrival is not None:
            sky.arrive()
            self._ask("an arrival")
        else:
            sky.move_to(sky.now + 5.0)
            return False
        return True

    def _come_to_rest(self) -> None:
        """Clear the weather, sweep until all is quiet, re-queue what failed, and sweep again."""
        world = self.world
        world.sky.weather = FAIR
        world.clock.advance(60 * 86_400)  # past every lease, however the clock has jumped
        for workspace in world.workspaces:
            world.store_token(workspace)
        self._sweep_until_quiet()
        for batch in self._before.batches:
            if batch.state is BatchState.FAILED:
                world.requeue(batch.id)
        self._ask("everything failed is re-queued")
        self._sweep_until_quiet()
        stuck = [
            f"batch {batch.id} fails in fair weather: {batch.failure_code}"
            for batch in self._before.batches
            if batch.state is BatchState.FAILED
            and batch.failure_code not in {"refused", "attach_refused"}
        ]
        if stuck:
            raise AssertionError(stuck)

    def _sweep_until_quiet(self) -> None:
        world = self.world
        for _ in range(QUIET):
            if not self._advance():
                waiting = world.store.claimable(limit=MOST_WORKERS)
                if not waiting:
                    break
                for batch_id in waiting:
                    world.hire(batch_id, delay=0.0)
        self._asked = (-1, -1)
        self._ask("at rest", at_rest=True)

    # Laws

    def _ask(self, what: str, *, batch_id: int = 0, fence: int = 0, at_rest: bool = False) -> None:
        """Ask every law that can be asked now, unless nothing has changed since it was asked.

        ``fence`` is that of the worker that has just taken a step on the batch, if one has.
        """
        world = self.world
        asked = (world.store.writes, world.bison.changes)
        if asked == self._asked:
            return
        before, now = self._before, world.store.snapshot()
        found = laws.broken(now, world.bison.held(), world.bison.enrolled(), at_rest=at_rest)
        found += laws.broken_by_change(before, now, decided=world.decided)
        if fence:
            found += laws.a_stale_fence_wrote(before, now, batch_id=batch_id, fence=fence)
        for wished, wish in world.wishes.items():
            found += laws.sent_after_cancel(wish.at, now, batch_id=wished, workers=wish.workers)
        if found:
            raise AssertionError(f"after {what}: {found}")
        world.decided.clear()
        self._before, self._asked = now, asked


def simulate(
    seed: int,
    *,
    store_type: type[WatchedStore] = WatchedStore,
    flights_type: type[SimulatedFlights] = SimulatedFlights,
) -> Counter[str]:
    """Live one history and return what was seen in it, counted by name.

    Raises:
        Broken: a law was broken; the same seed breaks it again.

    """
    simulation = Simulation(seed, store_type, flights_type)
    simulation.run()
    return simulation.seen
