"""``Operations``, ``OperationRecord``, ``WaitingOperations``: asked for once, done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import pytest

from contracts.store.site import LEASE, NOVEMBER, Site, at_once
from maverick_core.kernel.errors import Missing
from maverick_core.operations.rules import (
    ACTORS,
    MAX_CLAIMS,
    NewOperation,
    Operation,
    OperationClaim,
    OperationKind,
    OperationState,
    Problem,
    StaleOperation,
)

PLAN = OperationKind.PLAN_BATCHES
QUEUED, RUNNING = OperationState.QUEUED, OperationState.RUNNING
PATIENCE = 60.0


def ask(
    site: Site, slug: str | None = None, arguments: Mapping[str, Any] | None = None
) -> Operation:
    """Ask for something."""
    new = NewOperation(PLAN, slug, arguments or {"month": "2026-11", "size": 2}, "pat")
    return site.record.add_operation(new, at=site.clock.now())


def take(site: Site, operation: Operation, worker: str = "worker-1") -> OperationClaim:
    """Claim an operation that is there to be claimed."""
    claim = site.record.claim_operation(operation.id, worker=worker, lease_seconds=LEASE)
    assert isinstance(claim, OperationClaim), claim
    return claim


def refusal(site: Site, operation_id: int) -> str:
    """Return the code that a claim is refused with."""
    answer = site.record.claim_operation(operation_id, worker="worker-2", lease_seconds=LEASE)
    assert isinstance(answer, str), answer
    return answer


def announced(site: Site) -> Sequence[tuple[str, str, int]]:
    """Take what is to be told, and tell it."""
    taken = site.record.take_announcements(limit=100, hold_seconds=30)
    site.record.announcements_sent({each.id: f"message-{each.id}" for each in taken})
    return [(each.queue, each.actor, each.arg) for each in taken]


def sweep(site: Site) -> int:
    """Look for what waits unannounced."""
    return site.record.announce_operations(patience_seconds=PATIENCE, limit=100)


def test_an_operation_comes_back_as_it_was_asked_for(site: Site) -> None:
    """With whose it is, who asked and when."""
    site.workspace("acme")
    now = site.clock.now()

    asked = ask(site, "acme")

    assert asked == Operation(
        id=asked.id,
        kind=PLAN,
        slug="acme",
        arguments={"month": "2026-11", "size": 2},
        by="pat",
        state=QUEUED,
        done=0,
        total=None,
        result=None,
        problem=None,
        created_at=now,
        started_at=None,
        updated_at=now,
        finished_at=None,
    )
    assert site.record.operation(asked.id) == asked


def once(
    site: Site,
    kind: OperationKind = OperationKind.FILTER,
    slug: str | None = "acme",
    *,
    by: str = "pat",
    **arguments: Any,
) -> tuple[Operation, bool]:
    """Ask for something unless somebody did."""
    new = NewOperation(kind, slug, arguments, by)
    return site.record.add_operation_once(new, at=site.clock.now())


def test_what_is_open_is_not_asked_for_again(site: Site) -> None:
    """Whoever asks then is given the one that is there, until it has ended."""
    site.workspace("acme")
    first, added = once(site)

    assert added
    assert once(site, by="sam") == (first, False)
    claim = take(site, first)
    running, added = once(site)
    assert (running.id, running.state, added) == (first.id, RUNNING, False)
    assert [each.id for each in site.record.open_operations()] == [first.id]

    site.record.succeed_operation(claim, {}, done=1)
    assert list(site.record.open_operations()) == []
    second, added = once(site)
    assert added
    assert second.id > first.id
    assert [arg for _, _, arg in announced(site)] == [second.id]


def test_alike_are_those_of_one_kind_and_workspace_about_the_same(site: Site) -> None:
    """A source, a month; what differs otherwise makes no other wish of it."""
    site.workspace("acme")
    site.workspace("zeta")
    run = OperationKind.RUN_SOURCE
    wishes: list[tuple[Operation, bool]] = [
        once(site),
        once(site, slug="zeta"),
        once(site, slug=None),
        once(site, OperationKind.VERIFY),
        once(site, run, source="one", run=1),
        once(site, run, source="two", run=2),
        once(site, PLAN, month="2026-11", batch_size=2),
        once(site, PLAN, month="2026-12", batch_size=2),
    ]

    assert all(added for _, added in wishes)
    assert [each.id for each in site.record.open_operations()] == [each.id for each, _ in wishes]
    assert once(site, run, source="two", run=9) == (wishes[5][0], False)
    assert once(site, PLAN, month="2026-12", batch_size=9) == (wishes[7][0], False)
    with pytest.raises(Missing):
        once(site, slug="nobody")


def test_of_twenty_who_ask_at_once_one_is_heard(site: Site) -> None:
    """And all of them are told of the same operation."""
    site.workspace("acme")

    answers = at_once(*[partial(once, site)] * 20)

    told = [answer for answer in answers if isinstance(answer, tuple)]
    assert len(told) == 20
    assert sum(added for _, added in told) == 1
    assert len({operation.id for operation, _ in told}) == 1
    assert len(site.record.operations()) == 1
    assert len(announced(site)) == 1


@pytest.mark.parametrize("kind", OperationKind)
def test_whatever_can_be_asked_for_can_be_put_on_record(site: Site, kind: OperationKind) -> None:
    """And its worker is given it."""
    asked = site.record.add_operation(NewOperation(kind, None, {}, "pat"), at=site.clock.now())

    assert take(site, asked).kind is kind


def test_an_operation_of_nobody_is_missing(site: Site) -> None:
    """So is one that does not exist."""
    with pytest.raises(Missing) as no_workspace:
        ask(site, "nobody")
    with pytest.raises(Missing) as no_operation:
        site.record.operation(999_999)

    assert no_workspace.value.code == "workspace_missing"
    assert no_operation.value.code == "operation_missing"
    assert list(site.record.operations()) == []
    assert announced(site) == []


def test_operations_are_listed_newest_first_by_workspace_and_state(site: Site) -> None:
    """And by page."""
    site.workspace("acme")
    one, two, three = ask(site, "acme"), ask(site), ask(site, "acme")
    take(site, one)

    def ids(**asked: object) -> list[int]:
        return [each.id for each in site.record.operations(**asked)]  # type: ignore[arg-type]

    assert ids() == [three.id, two.id, one.id]
    assert ids(limit=1) == [three.id]
    assert ids(before=three.id) == [two.id, one.id]
    assert ids(slug="acme") == [three.id, one.id]
    assert ids(slug="nobody") == []
    assert ids(state=RUNNING) == [one.id]


def test_an_operation_is_announced_as_it_is_asked_for(site: Site) -> None:
    """To the actor of its kind, on the queue that the routes name; a claim takes that away."""
    one, two = ask(site), ask(site)
    take(site, one)

    assert announced(site) == [("batching", ACTORS[PLAN], two.id)]


def test_an_operation_has_one_worker_at_a_time(site: Site) -> None:
    """The next one gets it when the lease is over, and then the first has no say any more."""
    asked = ask(site)
    first = take(site, asked)

    assert refusal(site, asked.id) == "busy"
    site.leases_run_out()
    second = take(site, asked, "worker-2")
    attempts: list[Callable[[], None]] = [
        lambda: site.record.advance_operation(first, done=1, total=2, lease_seconds=LEASE),
        lambda: site.record.succeed_operation(first, {}, done=2),
        lambda: site.record.fail_operation(first, Problem("late", "Too late.")),
    ]
    for late in attempts:
        with pytest.raises(StaleOperation):
            late()
    assert second.fence > first.fence
    assert site.record.operation(asked.id).state is RUNNING


def test_of_many_workers_at_once_one_gets_it(site: Site) -> None:
    """Whoever heard of it first."""
    asked = ask(site)
    claim = partial(site.record.claim_operation, asked.id, worker="worker-1", lease_seconds=LEASE)

    answers = at_once(*[claim] * 8)

    assert sum(isinstance(answer, OperationClaim) for answer in answers) == 1


def test_progress_is_seen_while_it_runs(site: Site) -> None:
    """With a rate, and with how long the rest takes; it begins anew with a new worker."""
    asked = ask(site)
    claim = take(site, asked)
    site.clock.advance(10)
    site.record.advance_operation(claim, done=20, total=100, lease_seconds=LEASE)

    running = site.record.operation(asked.id)

    assert (running.done, running.total) == (20, 100)
    assert (running.rate, running.eta_seconds) == (2.0, 40.0)
    site.leases_run_out()
    take(site, asked)
    assert site.record.operation(asked.id).done == 0


def test_what_came_of_it_is_kept(site: Site) -> None:
    """It is over then, for everybody."""
    asked = ask(site)
    site.record.succeed_operation(take(site, asked), {"batches": 3}, done=6)

    ended = site.record.operation(asked.id)

    assert ended.state is OperationState.SUCCEEDED
    assert (ended.result, ended.problem) == ({"batches": 3}, None)
    assert (ended.done, ended.total, ended.eta_seconds) == (6, 6, None)
    assert ended.finished_at == site.clock.now()
    assert refusal(site, asked.id) == "over"


def test_why_it_failed_is_kept(site: Site) -> None:
    """In the words of the error."""
    asked = ask(site)
    problem = Problem("target_missing", "No target is set.", "Set one.")
    site.record.fail_operation(take(site, asked), problem)

    ended = site.record.operation(asked.id)

    assert (ended.state, ended.problem, ended.result) == (OperationState.FAILED, problem, None)
    assert refusal(site, asked.id) == "over"


def test_what_kills_its_workers_fails_in_the_end(site: Site) -> None:
    """Else it would be tried for ever."""
    asked = ask(site)
    for _ in range(MAX_CLAIMS):
        take(site, asked)
        site.leases_run_out()

    assert refusal(site, asked.id) == "too_many_claims"
    problem = site.record.operation(asked.id).problem
    assert problem is not None
    assert problem.code == "too_many_claims"
    assert refusal(site, asked.id) == "over"


def test_what_gets_on_or_was_handed_back_outlives_any_number_of_workers(site: Site) -> None:
    """Deploys and crashes of days; saying again what was said does not count."""
    asked = ask(site)
    for _ in range(MAX_CLAIMS):
        site.record.advance_operation(take(site, asked), done=1, total=9, lease_seconds=LEASE)
        site.leases_run_out()
    for _ in range(MAX_CLAIMS):
        site.record.advance_operation(take(site, asked), done=0, total=9, lease_seconds=0)
    for _ in range(MAX_CLAIMS):
        claim = take(site, asked)
        site.record.advance_operation(claim, done=0, total=9, lease_seconds=LEASE)
        site.leases_run_out()

    assert refusal(site, asked.id) == "too_many_claims"


def test_the_sweep_announces_what_nobody_was_told_of(site: Site) -> None:
    """Lost messages and dead workers cost time only."""
    asked = ask(site)
    told = announced(site)

    assert sweep(site) == 0
    site.clock.advance(PATIENCE)
    assert sweep(site) == 1
    assert announced(site) == told

    take(site, asked)
    assert (sweep(site), site.record.waiting_operations(limit=5)) == (0, [])
    site.leases_run_out()
    assert [each.id for each in site.record.waiting_operations(limit=5)] == [asked.id]
    assert sweep(site) == 1
    assert announced(site) == told


def test_a_plan_and_the_end_of_its_operation_are_one(site: Site) -> None:
    """A worker that lost the operation meanwhile leaves no batch behind."""
    acme = site.workspace()
    members = site.contacts(acme, "ann", "bob")
    asked = ask(site, "acme")
    first = take(site, asked)
    site.leases_run_out()
    second = take(site, asked)

    def plan(claim: OperationClaim) -> None:
        with site.record.reserve(acme.id, NOVEMBER) as reservation:
            reservation.add_batches([members], campaign_id=None)
            reservation.succeed_operation(claim, {"batches": 1}, done=2)

    with pytest.raises(StaleOperation):
        plan(first)
    assert list(site.record.batches()) == []

    plan(second)
    assert len(site.record.batches()) == 1
    assert site.record.operation(asked.id).result == {"batches": 1}


def test_a_plan_that_outlasts_its_lease_is_not_begun_again(site: Site) -> None:
    """Nobody is given its operation while it waits for another plan, or takes its time."""
    acme = site.workspace()
    members = site.contacts(acme, "ann", "bob")
    asked = ask(site, "acme")
    claim = take(site, asked)
    site.leases_run_out()

    with ThreadPoolExecutor(1) as thread:
        with site.record.reserve(acme.id, NOVEMBER, operation=claim) as reservation:
            other = thread.submit(refusal, site, asked.id)
            wait([other], timeout=0.5)  # a store with one writer answers when that is done
            reservation.add_batches([members], campaign_id=None)
            reservation.succeed_operation(claim, {"batches": 1}, done=2)
        answer = other.result()

    assert answer in {"busy", "over"}
    assert site.record.operation(asked.id).state is OperationState.SUCCEEDED


def test_an_operation_that_another_worker_has_is_not_planned_for(site: Site) -> None:
    """Said before the month is waited for."""
    acme = site.workspace()
    asked = ask(site, "acme")
    first = take(site, asked)
    site.leases_run_out()
    take(site, asked, "worker-2")

    with (
        pytest.raises(StaleOperation),
        site.record.reserve(acme.id, NOVEMBER, operation=first),
    ):
        pass
