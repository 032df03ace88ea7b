"""Histories of uploads that hypothesis writes, and shortens until they can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.machines.weather import Fate
from contracts.machines.world import BRIEF, CAMPAIGN, CHUNK, LEASE, Wish
from maverick_adapters.memory import ManualClock, MemoryBison, MemoryStore
from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.time import Month
from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.batch import LIVE
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.upload.answers import Answer
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.service import Upload, UploadBatch, UploadTerms
from maverick_core.suppression.rules import SuppressionReason, parse_target
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import new_workspace

PEOPLE: Final = ("ann", "bob", "cyd", "dee", "eve", "fay", "gus", "hal")
SKIPPED, REFUSED, UNATTACHABLE, LEFT_OUT = (f"{name}@clinic.example" for name in PEOPLE[:4])
TARGET: Final = 6
Call = Callable[[], Answer]

FEW: Final = 2  # workers at a time

fates = st.sampled_from([Fate.ANSWERED, Fate.ANSWERED, *Fate])
picks = st.integers(0, 7)


class GroundedFlights:
    """Requests wait on the ground until the machine decides what becomes of them."""

    def __init__(self, watched: Callable[[Call], Call] = lambda call: call) -> None:
        """Start with nothing under way; ``watched`` makes of each call the one that is made."""
        self._watched = watched
        self.waiting: list[tuple[int, Callable[[], Answer]]] = []
        self.back: list[tuple[int, Answer]] = []
        self.asked_to_stop = False

    def launch(self, request: int, call: Callable[[], Answer]) -> None:
        """Put the request beside the others."""
        self.waiting.append((request, self._watched(call)))

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Return what was answered."""
        del timeout_seconds
        back, self.back = self.back, []
        return back

    def rest(self, seconds: float) -> None:
        """Rest for no time: only leases and months pass here, and by rules of their own."""

    def draw(self) -> float:
        """Return no jitter."""
        return 0.0

    def stopping(self) -> bool:
        """Say whether the worker was asked to stop."""
        return self.asked_to_stop


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A run of an upload with its claim."""

    batch_id: int
    fence: int
    upload: Upload
    flights: GroundedFlights


class UploadHistory(RuleBasedStateMachine):
    """One workspace with a campaign, eight people, and two workers that may die at any moment."""

    def __init__(self) -> None:
        """Set the scene."""
        super().__init__()
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock, chunk_size=CHUNK)
        self.bison = MemoryBison(
            skipped={SKIPPED},
            refused={REFUSED: "bad email"},
            not_attachable={UNATTACHABLE: "in another sequence"},
            left_out={LEFT_OUT},
        )
        terms = UploadTerms(LEASE, in_flight=2, retry=BRIEF)
        self.use_case = UploadBatch(self.store, self.store, self.bison, self, terms)
        self.workers: list[Worker] = []
        self.late: list[Callable[[], Answer]] = []
        self.decided: set[int] = set()
        self.wishes: dict[int, Wish] = {}
        self.flights_of_last: GroundedFlights = GroundedFlights()
        self.store.add_workspace(new_workspace("acme", "America/New_York", campaign_id=CAMPAIGN))
        self.put_token()
        self.month_turns(0)
        self.import_people()
        self.before = self.store.snapshot()

    def flights(self) -> GroundedFlights:
        """Return fresh flights, and keep them for the worker that asks."""
        self.flights_of_last = GroundedFlights(self._watched)
        return self.flights_of_last

    def _watched(self, call: Callable[[], Answer]) -> Callable[[], Answer]:
        """Return the call, and see that it writes to nobody who is suppressed by now."""
        gone = {row.target.key for row in self.store.suppressions(1, limit=99)}

        def watched() -> Answer:
            pushes, enrolled = len(self.bison.pushes), self._enrolled()
            answer = call()
            emails = {row.id: row.email for row in self.before.contacts}
            sent = {emails[id_] for push in self.bison.pushes[pushes:] for id_ in push.contacts}
            assert not gone & sent, "a suppressed e-mail is in a request"
            assert not gone & (self._enrolled() - enrolled), "one that is suppressed is enrolled"
            return answer

        return watched

    def _enrolled(self) -> frozenset[str]:
        return self.bison.enrolled().get(CAMPAIGN, frozenset())

    def import_people(self) -> None:
        """Put the eight on record."""
        import_id = self.store.begin_import(1, "list.csv", at=self.clock.now())
        new = [
            NewContact(f"{name}@clinic.example", name, None, None, None, None, None)
            for name in PEOPLE
        ]
        self.store.add_contacts(import_id, new, rows_read=len(new), at=self.clock.now())

    # People

    @rule(size=st.integers(1, 5))
    def plan(self, size: int) -> None:
        """Plan what this month has room for."""
        PlanBatches(self.store, self.store, self.store, self.clock)("acme", batch_size=size)

    @precondition(lambda self: self.before.batches)
    @rule(pick=picks)
    def requeue(self, pick: int) -> None:
        """Re-queue any batch: only a failed one moves."""
        batch = self._batch(pick)
        with suppress(Conflict):
            RequeueBatch(self.store, self.clock)(batch, by="kim")
            self.decided.add(batch)
            self.wishes.pop(batch, None)

    @precondition(lambda self: self.before.batches)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        """Cancel any batch that is not over."""
        batch = self._batch(pick)
        with suppress(Conflict):
            if CancelBatch(self.store, self.clock)(batch, by="kim") in LIVE:
                running = sum(worker.batch_id == batch for worker in self.workers)
                self.wishes.setdefault(batch, Wish(self.store.snapshot(), running))
            self.decided.add(batch)

    @rule(pick=picks)
    def suppress_somebody(self, pick: int) -> None:
        """Let somebody unsubscribe, at any moment."""
        target = parse_target(f"{PEOPLE[pick]}@clinic.example")
        self.store.add_suppressions(
            1, [target], SuppressionReason.UNSUBSCRIBED, by="kim", at=self.clock.now()
        )

    @rule()
    def lock_out(self) -> None:
        """Let the token be refused from now on."""
        self.bison.locked_out.add(1)

    @rule()
    def put_token(self) -> None:
        """Store one that works."""
        self.bison.locked_out.clear()
        identity = TokenIdentity(1, "acme")
        self.store.store_token(1, "12|AbCdEf", identity, at=self.clock.now())

    # Workers

    @precondition(lambda self: self.before.batches and len(self.workers) < FEW)
    @rule(pick=picks)
    def claim(self, pick: int) -> None:
        """Let a worker hear of a batch and claim it, or be told why not."""
        batch_id = self._batch(pick)
        upload = self.use_case.start(batch_id, worker="w")
        upload.step()
        if not upload.ended:
            fence = self.store.snapshot().batch[batch_id].fence
            self.workers.append(Worker(batch_id, fence, upload, self.flights_of_last))

    @precondition(lambda self: self.workers)
    @rule(pick=picks, steps=st.integers(1, 6))
    def work(self, pick: int, steps: int) -> None:
        """Let a worker go on until it has to wait for an answer."""
        worker = self.workers[pick % len(self.workers)]
        for _ in range(steps):
            self._step(worker)
            if worker.upload.ended or (worker.upload.label == "listen" and not worker.flights.back):
                break

    @precondition(lambda self: self.workers)
    @rule(pick=picks, fate=fates, named=st.booleans())
    def answer(self, pick: int, fate: Fate, *, named: bool) -> None:
        """Decide what becomes of a worker's oldest request, and let it hear of that."""
        flights = self.workers[pick % len(self.workers)].flights
        if not flights.waiting:
            return
        request, call = flights.waiting.pop(0)
        self.bison.names_rows = named
        arrives, heard = fate.value
        if fate is Fate.LATE:
            self.late.append(call)
        answer = call() if arrives and fate is not Fate.LATE else None
        if told := heard or answer:
            flights.back.append((request, told))

    @precondition(lambda self: self.late)
    @rule()
    def arrive_late(self) -> None:
        """Let a request arrive that was given up long ago."""
        self.late.pop(0)()

    @precondition(lambda self: self.workers)
    @rule(pick=picks)
    def crash(self, pick: int) -> None:
        """Drop a worker; what it had launched may still arrive."""
        worker = self.workers.pop(pick % len(self.workers))
        self.late += [call for _, call in worker.flights.waiting]

    @precondition(lambda self: self.workers)
    @rule(pick=picks)
    def stop(self, pick: int) -> None:
        """Ask a worker to go."""
        self.workers[pick % len(self.workers)].flights.asked_to_stop = True

    # Time

    @rule()
    def leases_run_out(self) -> None:
        """Let a lease's time pass: whoever has a batch may lose it now."""
        self.clock.advance(LEASE + 1)

    @rule(days=st.integers(25, 40))
    def month_turns(self, days: int) -> None:
        """Go on to another month, which has a target too."""
        self.clock.advance(days * 86_400)
        month = Month.of(self.clock.now(), self.store.workspace("acme").zone)
        self.store.set_target(1, month, TARGET, at=self.clock.now())

    # Laws

    @invariant()
    def the_laws_hold(self) -> None:
        """Ask what can be asked after any step."""
        now = self.store.snapshot()
        assert laws.broken(now, self.bison.held(), self.bison.enrolled()) == []
        assert laws.broken_by_change(self.before, now, decided=self.decided) == []
        for batch_id, wish in self.wishes.items():
            broken = laws.sent_after_cancel(wish.at, now, batch_id=batch_id, workers=wish.workers)
            assert broken == []
        self.before = now
        self.decided.clear()

    def teardown(self) -> None:
        """Let all arrive, repair what is broken, run everything to its end, and ask again."""
        while self.late:
            self.arrive_late()
        self.workers.clear()
        self.put_token()
        for batch in self.store.snapshot().batches:
            with suppress(Conflict):
                RequeueBatch(self.store, self.clock)(batch.id, by="kim")
            self.leases_run_out()
            self._run(batch.id)
        end = self.store.snapshot()
        assert laws.broken(end, self.bison.held(), self.bison.enrolled(), at_rest=True) == []
        assert not [batch.id for batch in end.batches if batch.state in LIVE]

    def _run(self, batch_id: int) -> None:
        upload = self.use_case.start(batch_id, worker="w")
        upload.step()
        flights = self.flights_of_last
        while not upload.ended:
            flights.back += [(request, call()) for request, call in flights.waiting]
            flights.waiting.clear()
            upload.step()

    def _step(self, worker: Worker) -> None:
        before = self.store.snapshot()
        worker.upload.step()
        now, batch_id = self.store.snapshot(), worker.batch_id
        assert not laws.a_stale_fence_wrote(before, now, batch_id=batch_id, fence=worker.fence)
        if worker.upload.ended:
            self.workers.remove(worker)

    def _batch(self, pick: int) -> int:
        return self.before.batches[pick % len(self.before.batches)].id


UploadHistory.TestCase.settings = settings(
    max_examples=max(300, settings().max_examples), stateful_step_count=40
)
TestUploadHistory = UploadHistory.TestCase
