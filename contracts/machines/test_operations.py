"""Operations whose worker dies, at every call of its record and right after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from contracts.machines.mortal import Killed, Life, Mortal
from contracts.store.site import LEASE, NOVEMBER, Record, Site, SiteFactory
from maverick_core.kernel.errors import Missing
from maverick_core.operations.rules import Operation, OperationKind, OperationState
from maverick_core.operations.service import Deed, RunOperation
from maverick_core.pipeline.batch import BatchEvent, BatchState
from maverick_core.pipeline.batching.request import PlanAsRequested, RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.upload.requeueing import (
    RequestRequeue,
    RequeueAsRequested,
    RequeueBatches,
)


def runner(site: Site, record: Any) -> RunOperation:
    """Return what a worker does, on ``record``."""
    plan = PlanBatches(record, record, record, site.clock)
    requeue = RequeueBatches(record, record, site.clock)
    deeds: dict[OperationKind, Deed] = {
        OperationKind.PLAN_BATCHES: PlanAsRequested(plan),
        OperationKind.REQUEUE_BATCHES: RequeueAsRequested(requeue, record),
    }
    return RunOperation(record, deeds, lease_seconds=LEASE)


def run(site: Site, operation: Operation, record: Any = None) -> str:
    """Let a worker do it."""
    return runner(site, record or site.record)(operation.id, worker="worker-1")


def ask_for_a_plan(site: Site) -> Operation:
    """Ask for the plan of three contacts, two in a batch."""
    acme = site.workspace()
    site.contacts(acme, "ann", "bob", "cy")
    ask = RequestPlan(site.record, site.record, site.clock)
    return ask("acme", NOVEMBER, by="pat")


def ask_to_requeue(site: Site) -> Operation:
    """Ask for two failed batches to be sent round again."""
    for name in ("ann", "bob"):
        batch, _ = site.batch(name)
        site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")
    ask = RequestRequeue(site.record, site.record, site.record, site.clock)
    return ask(by="pat", reason="mended")


def is_planned_once(record: Record, result: Mapping[str, Any]) -> bool:
    """Say whether there is what the one plan says that it made."""
    sizes = [view.contacts for view in record.batches()]
    return (len(sizes), sum(sizes)) == (result["batches"], result["contacts"])


def is_requeued_once(record: Record, result: Mapping[str, Any]) -> bool:
    """Say whether each batch went round once, by one decision, and the result says so."""
    batches = record.batches()
    decisions = [len(record.history(view.id)[1]) for view in batches]
    return (
        {view.state for view in batches} == {BatchState.READY}
        and decisions == [1, 1]
        and (result["done"], result["skipped"]) == (2, {})
    )


def outlives_deaths(
    sites: SiteFactory,
    ask: Callable[[Site], Operation],
    is_done_once: Callable[[Record, Mapping[str, Any]], bool],
) -> int:
    """Kill the worker at every step, one after the other, and return how many steps there are."""
    for step in count(1):
        site = sites()
        operation = ask(site)
        try:
            run(site, operation, Mortal(site.record, Life(step)))
        except Killed:
            site.leases_run_out()
            site.contacts(site.record.workspaces()[0], "di")  # a second plan would find somebody
            run(site, operation)
        else:
            return step
        ended = site.record.operation(operation.id)
        assert ended.state is OperationState.SUCCEEDED, step
        assert is_done_once(site.record, ended.result or {}), step
    raise AssertionError


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgres"])
def test_a_plan_that_was_asked_for_is_made_once_wherever_its_worker_dies(
    request: pytest.FixtureRequest, store: str
) -> None:
    """Batches and the operation's success are one transaction, so nothing is planned twice."""
    steps = outlives_deaths(
        request.getfixturevalue(f"{store}_sites"), ask_for_a_plan, is_planned_once
    )

    assert steps > 10


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgres"])
def test_batches_are_requeued_once_wherever_the_worker_dies(
    request: pytest.FixtureRequest, store: str
) -> None:
    """And the result says of each what became of it, whichever worker did it."""
    steps = outlives_deaths(
        request.getfixturevalue(f"{store}_sites"), ask_to_requeue, is_requeued_once
    )

    assert steps > 8


def test_a_batch_that_was_requeued_by_hand_meanwhile_is_skipped(memory_sites: SiteFactory) -> None:
    """With the code of the reason; the other one goes round."""
    site = memory_sites()
    operation = ask_to_requeue(site)
    first = min(view.id for view in site.record.batches())
    site.record.requeue(first, site.decision())

    assert run(site, operation) == "succeeded"
    result = site.record.operation(operation.id).result
    assert result is not None
    assert (result["done"], result["skipped"]) == (1, {"not_failed": 1})


def test_what_a_person_can_mend_ends_the_operation_with_its_words(
    memory_sites: SiteFactory,
) -> None:
    """No target: it fails, and says what to do."""
    site = memory_sites()
    site.workspace(target=None)
    operation = RequestPlan(site.record, site.record, site.clock)("acme", NOVEMBER, by="pat")

    assert run(site, operation) == "target_missing"
    ended = site.record.operation(operation.id)
    assert ended.state is OperationState.FAILED
    assert ended.problem is not None
    assert ended.problem.remedy


def test_only_the_workspaces_own_batches_are_requeued(memory_sites: SiteFactory) -> None:
    """A batch of another workspace does not exist for who asks."""
    site = memory_sites()
    one, _ = site.batch("ann")
    other, _ = site.batch("bob")
    for batch in (one, other):
        site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")
    requeue = RequeueBatches(site.record, site.record, site.clock)

    found = list(requeue([one, other, 999], by="pat", slug="client-1"))

    assert [each.code for each in found] == ["", "batch_missing", "batch_missing"]
    assert site.state(other) is BatchState.FAILED


def test_a_wish_is_refused_at_once_where_it_can_be_seen_to_be_wrong(
    memory_sites: SiteFactory,
) -> None:
    """Nothing is put on record then."""
    site = memory_sites()
    ask = RequestPlan(site.record, site.record, site.clock)

    with pytest.raises(Missing):
        ask("nobody", by="pat")
    assert list(site.record.operations()) == []
