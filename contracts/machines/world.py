"""A small world around one store: two workspaces, the people who decide, the workers that run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final

from contracts.machines.weather import SimulatedBison, SimulatedFlights, Sky
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.memory.tables import Tables
from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchEvent, BatchState
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.invariants import Snapshot
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.service import Upload, UploadBatch, UploadTerms
from maverick_core.retry import Backoff, RetryPolicy, Trouble
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import Workspace, new_workspace

LEASE: Final = 30.0  # seconds
CHUNK: Final = 2  # leads in one request
CAMPAIGN: Final = 7
MOST_WORKERS: Final = 4
BRIEF: Final = RetryPolicy(
    {
        Trouble.LIMITED: Backoff(tries=4, first_seconds=1.0, cap_seconds=20.0),
        Trouble.UNAVAILABLE: Backoff(tries=3, first_seconds=1.0, cap_seconds=20.0),
        Trouble.LOST: Backoff(tries=3, first_seconds=0.5, cap_seconds=20.0),
    }
)


class WatchedStore(MemoryStore):
    """The memory store, which counts its writes, so that laws are asked only after one."""

    writes = 0

    @contextmanager
    def _transaction(self) -> Iterator[Tables]:
        with super()._transaction() as tables:
            yield tables
        self.writes += 1


@dataclass
class Worker:
    """One run of an upload. ``fence`` is what its claim gave it, 0 before."""

    batch_id: int
    upload: Upload
    wake_at: float
    stepped_at: float = 0.0
    flights: SimulatedFlights | None = None
    fence: int = 0

    @property
    def ready_at(self) -> float:
        """When its next step can be taken: what it waits for has come, or its beat is over."""
        if self.flights is None:
            return self.wake_at
        if self.upload.label == "listen":
            beat = self.stepped_at + LEASE / 3
            return max(self.wake_at, min(beat, self.flights.next_landing or beat))
        return max(self.wake_at, self.flights.rests_until)


@dataclass
class Wish:
    """A wish to cancel: the record as it stood then, and how many had the batch."""

    at: Snapshot
    workers: int


@dataclass
class World:
    """The things of one history and what people do to them; every draw comes from ``rng``.

    ``store_type`` and ``flights_type`` are where mutants come in.
    """

    seed: int
    store_type: type[WatchedStore] = WatchedStore
    flights_type: type[SimulatedFlights] = SimulatedFlights
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Set the scene: two workspaces with contacts, targets and first plans."""
        self.rng = Random(self.seed)
        self.clock = ManualClock()
        self.sky = Sky(self.rng, self.clock, self.seen)
        self.store = self.store_type(self.clock, chunk_size=CHUNK)
        self.bison = SimulatedBison(rng=self.rng, seen=self.seen)
        self.workers: list[Worker] = []
        self.wishes: dict[int, Wish] = {}
        self.decided: set[int] = set()
        self.forgiven: Counter[int] = Counter()
        self._acting: Worker | None = None
        self._names = count(1)
        terms = UploadTerms(LEASE, in_flight=self.rng.randint(1, 3), retry=BRIEF)
        self.upload = UploadBatch(self.store, self.store, self.bison, self, terms)
        self.plan = PlanBatches(self.store, self.store, self.store, self.clock)
        self.workspaces = [self._workspace("acme", None), self._workspace("bold", CAMPAIGN)]

    def _workspace(self, slug: str, campaign_id: int | None) -> Workspace:
        zone = self.rng.choice(["America/New_York", "Asia/Tokyo", "UTC"])
        self.store.add_workspace(new_workspace(slug, zone, batch_size=3, campaign_id=campaign_id))
        workspace = self.store.workspace(slug)
        self.store_token(workspace)
        self.import_contacts(workspace, self.rng.randint(3, 9))
        self.plan_batches(workspace)
        return workspace

    # What people do

    def import_contacts(self, workspace: Workspace, contacts: int) -> None:
        """Add contacts; what the destination thinks of each is drawn here, once."""
        emails = [f"p{next(self._names)}@{workspace.slug}.example" for _ in range(contacts)]
        for email in emails:
            self._draw_nature(email)
        import_id = self.store.begin_import(workspace.id, "list.csv", at=self.clock.now())
        new = [NewContact(email, "Pat", None, None, None, None, None) for email in emails]
        self.store.add_contacts(import_id, new, rows_read=contacts, at=self.clock.now())

    def _draw_nature(self, email: str) -> None:
        whim = self.rng.randrange(100)
        if whim < 8:
            self.bison.skipped.add(email)
        elif whim < 20:
            self.bison.refused[email] = self.rng.choice(["bad email", "no name"])
        elif whim < 28:
            self.bison.not_attachable[email] = "in another sequence"
        elif whim < 34:
            self.bison.left_out.add(email)

    def store_token(self, workspace: Workspace) -> None:
        """Store a token that works."""
        self.bison.locked_out.discard(workspace.id)
        identity = TokenIdentity(workspace.id, workspace.slug)
        self.store.store_token(workspace.id, "12|AbCdEf", identity, at=self.clock.now())

    def set_target(self, workspace: Workspace) -> None:
        """Set the present month's target, up or down."""
        month = Month.of(self.clock.now(), workspace.zone)
        self.store.set_target(workspace.id, month, self.rng.randint(2, 9), at=self.clock.now())

    def plan_batches(self, workspace: Workspace) -> None:
        """Plan what there is room for this month."""
        month = Month.of(self.clock.now(), workspace.zone)
        if self.store.account(workspace.id, month).target is None:
            self.set_target(workspace)
        plan = self.plan(workspace.slug, batch_size=self.rng.randint(1, 5))
        self.seen["planned" if plan.batches else "nothing planned"] += 1

    def requeue(self, batch_id: int) -> None:
        """Re-queue a batch, whatever state it is in."""
        state = self.store.batch(batch_id).state
        try:
            RequeueBatch(self.store, self.clock)(batch_id, by="kim")
        except Conflict as error:
            self.seen[f"re-queue refused: {state}"] += 1
            if error.code != "not_failed":
                raise
        else:
            self.seen["re-queued"] += 1
            self._decide(batch_id)
            self.wishes.pop(batch_id, None)

    def cancel(self, batch_id: int) -> None:
        """Cancel a batch, whatever state it is in."""
        failed = self.store.batch(batch_id).state is BatchState.FAILED
        in_doubt = any(
            member.state is ContactState.IN_DOUBT for member in self.store.members(batch_id)
        )
        try:
            state = CancelBatch(self.store, self.clock)(batch_id, by="kim")
        except Conflict:
            self.seen["cancel refused"] += 1
            return
        self._decide(batch_id, forgive=failed)
        at_once = state is BatchState.CANCELLED
        self.seen["cancelled at once" if at_once else "cancel wished"] += 1
        self.seen["cancel with doubt"] += in_doubt
        if not at_once:
            running = sum(worker.batch_id == batch_id for worker in self.workers)
            self.wishes.setdefault(batch_id, Wish(self.store.snapshot(), running))

    def _decide(self, batch_id: int, *, forgive: bool = True) -> None:
        """Note that a person decided; the claims of a failed batch are counted from none again."""
        self.decided.add(batch_id)
        if forgive:
            self.forgiven[batch_id] = len(self.store.history(batch_id)[0])

    # Workers

    def hire(self, batch_id: int, *, delay: float) -> None:
        """Let a worker hear of the batch: the doorbell may well ring twice."""
        upload = self.upload.start(batch_id, worker=f"w{next(self._names)}")
        self.workers.append(Worker(batch_id, upload, self.sky.now + delay))

    def flights(self) -> SimulatedFlights:
        """Give the worker that acts now flights of its own: this world is the airfield."""
        flights = self.flights_type(self.sky)
        if self._acting:
            self._acting.flights = flights
        return flights

    def step(self, worker: Worker) -> None:
        """Take one step of a worker and note what it met."""
        self._acting = worker
        label, batch = worker.upload.label, self.store.batch(worker.batch_id)
        worker.upload.step()
        self._acting = None
        if label == "claim" and not worker.upload.ended:
            self._claimed(worker)
            self.seen["taken over"] += batch.state is BatchState.UPLOADING
        worker.stepped_at = self.sky.now
        worker.wake_at = self.sky.now + self.rng.uniform(0.0, 1.0)
        if ended := worker.upload.ended:
            self.workers.remove(worker)
            self.seen[f"ended: {ended.result} {ended.code}".strip()] += 1

    def _claimed(self, worker: Worker) -> None:
        """Note a claim that was given, and that it was one to give."""
        worker.fence = self.store.snapshot().batch[worker.batch_id].fence
        attempts, _ = self.store.history(worker.batch_id)
        fresh = attempts[self.forgiven[worker.batch_id] :]
        blamed = [attempt for attempt in fresh if attempt.result != BatchEvent.HAND_BACK]
        if len(blamed) > MAX_CLAIMS:
            raise AssertionError(f"claim {len(blamed)} of batch {worker.batch_id} was given")
        if self.store.workspace(self.store.batch(worker.batch_id).slug).hold:
            raise AssertionError(f"batch {worker.batch_id} was given, its workspace is on hold")
