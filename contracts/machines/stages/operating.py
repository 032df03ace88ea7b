"""Operations: asked for, taken, advanced, ended once; workers that come late or never."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from contracts.machines.stages.people import SLUGS
from contracts.machines.stages.places import MANY, StagePlace, age, ages, one_of, relay
from contracts.machines.stages.stage import Stage
from contracts.store.site import LEASE
from maverick_core.operations.rules import (
    MAX_CLAIMS,
    NewOperation,
    OperationClaim,
    OperationKind,
    OperationState,
    Problem,
)

slugs = st.sampled_from([*SLUGS, None, "nobody"])
kinds = st.sampled_from([OperationKind.FILTER, OperationKind.VERIFY])
leases = st.sampled_from([LEASE, LEASE, 0])
"""Who lets go of an operation asks for no time at all."""


class Operating(Stage):
    """Asks for operations and does them."""

    @initialize(slug=st.sampled_from(SLUGS))
    def open(self, slug: str) -> None:
        """Begin with something to do."""
        self.ask_for(slug, OperationKind.FILTER)

    @rule(slug=slugs, kind=kinds)
    def ask_for(self, slug: str | None, kind: OperationKind) -> None:
        """Ask for one."""
        new = NewOperation(kind, slug, {"limit": 3, "emails": ["é"]}, "pat")

        def add(place: StagePlace) -> object:
            operation = place.record.add_operation(new, at=place.site.clock.now())
            place.crew.operations.append(operation.id)
            return operation.state, operation.arguments

        self.together(add)

    @rule(age=ages, worker=st.sampled_from(["worker-1", "worker-2"]))
    def claim(self, age: int, worker: str) -> None:
        """Take one, where nobody has it."""
        self.together(lambda place: _claim(place, age, worker))

    @rule(age=ages, times=st.sampled_from([1, 1, 1, MAX_CLAIMS]))
    def take_over(self, age: int, times: int) -> None:
        """Let every worker of now be late, and be replaced so many ``times``."""
        for _ in range(times):
            self.wait(LEASE)
            self.claim(age, "worker-3")

    @precondition(lambda self: self.first.crew.operation_claims)
    @rule(data=st.data(), done=st.integers(0, 3), lease=leases)
    def advance(self, data: st.DataObject, done: int, lease: float) -> None:
        """Say how far it is."""
        index = self._worker(data)
        self.together(
            lambda place: place.record.advance_operation(
                place.crew.operation_claims[index], done=done, total=3, lease_seconds=lease
            )
        )

    @precondition(lambda self: self.first.crew.operation_claims)
    @rule(data=st.data(), done=st.integers(0, 3))
    def succeed(self, data: st.DataObject, done: int) -> None:
        """End it well, perhaps once more."""
        index = self._worker(data)
        self.together(
            lambda place: place.record.succeed_operation(
                place.crew.operation_claims[index], {"done": done, "why": ""}, done=done
            )
        )

    @precondition(lambda self: self.first.crew.operation_claims)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        """End it with a reason, perhaps once more."""
        index, problem = self._worker(data), Problem("target_missing", "None is set.", "Set one.")
        self.together(
            lambda place: place.record.fail_operation(place.crew.operation_claims[index], problem)
        )

    @rule(patience=st.sampled_from([0, 60]), limit=st.integers(1, 3))
    def sweep(self, patience: int, limit: int) -> None:
        """Announce what waits, and send what was announced."""
        self.together(
            lambda place: place.record.announce_operations(patience_seconds=patience, limit=limit)
        )
        self.together(lambda place: relay(place, place.crew.operations))

    @rule(
        slug=st.none() | slugs,
        state=st.none() | st.sampled_from(OperationState),
        before=st.none() | ages,
        limit=st.sampled_from([1, MANY]),
    )
    def look(
        self, slug: str | None, state: OperationState | None, before: int | None, limit: int
    ) -> None:
        """List some, and ask for one."""

        def listed(place: StagePlace) -> object:
            ids = place.crew.operations
            oldest = None if before is None else one_of(ids, before)
            found = place.record.operations(slug=slug, state=state, before=oldest, limit=limit)
            return [age(ids, each.id) for each in found]

        self.together(listed)
        self.together(lambda place: place.record.operation(one_of(place.crew.operations, 1)).state)

    def _worker(self, data: st.DataObject) -> int:
        """Choose a worker: as a rule one of the last."""
        last = len(self.first.crew.operation_claims) - 1
        recent = [index for index in (last, last, last - 1) if index >= 0]
        index: int = data.draw(st.sampled_from([*recent, *range(last + 1)]), label="worker")
        return index


def _claim(place: StagePlace, number: int, worker: str) -> object:
    id_ = one_of(place.crew.operations, number)
    taken = place.record.claim_operation(id_, worker=worker, lease_seconds=LEASE)
    if not isinstance(taken, OperationClaim):
        return taken
    place.crew.operation_claims.append(taken)
    return taken.kind, taken.slug, taken.arguments, taken.by, taken.fence
