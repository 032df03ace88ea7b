"""What must be true after every fault, whatever it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import redis

from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.invariants import broken, leaks
from tests.e2e.desk import TOKEN, email
from tests.e2e.stage import Stage


@dataclass(frozen=True, slots=True)
class Expected:
    """How a fault may end where it is not the usual way: everybody uploaded, sent twice at most."""

    pushes: int = 2
    """How often Email Bison may be given a contact."""
    states: frozenset[BatchState] = frozenset({BatchState.UPLOADED})
    everybody: bool = True
    """Whether all that Email Bison would take must have been taken."""
    seconds: float = 45.0
    """How long recovery may take: a lease, a sweep and starting anew on a machine that is busy.

    Below the minute after which Dramatiq itself delivers again what a dead worker held.
    """


USUAL: Final = Expected()


def wrong(stage: Stage, expected: Expected = USUAL) -> list[str]:
    """Return what is not as it must be, in words; empty when the account is exact."""
    store = stage.wired.store
    workspace = store.workspace("acme")
    now = store.snapshot()
    stage.stub.deliver_late()
    held = frozenset(stage.stub.held("Acme"))
    enrolled = frozenset(stage.stub.held_in_campaign(stage.campaign_id))
    failures_may_rest = BatchState.FAILED in expected.states
    found = broken(
        now,
        {workspace.id: held},
        {stage.campaign_id: enrolled} if not failures_may_rest else None,
        at_rest=True,
    )
    account = stage.account()
    found += _differ("counted and held", account.uploaded, len(held))
    if not failures_may_rest:
        found += _differ("in doubt", account.in_doubt, 0)
    if expected.everybody:
        found += _differ("held", len(held), stage.taken)
    most = max(stage.stub.pushes.values(), default=0)
    if most > expected.pushes:
        found.append(f"somebody was pushed {most} times, {expected.pushes} allowed")
    if (took := stage.recovery_seconds or 0.0) > expected.seconds:
        found.append(f"recovery took {took:.1f} s, {expected.seconds:g} allowed")
    if odd := set(stage.states()) - expected.states:
        found.append(f"batches are {', '.join(sorted(odd))}")
    return found + _fences(stage) + timers(stage) + leaks_of(stage)


def _differ(what: str, left: int, right: int) -> list[str]:
    return [] if left == right else [f"{what}: {left}, not {right}"]


def _fences(stage: Stage) -> list[str]:
    """One attempt a fence: nobody was handed a batch that somebody else was."""
    found = []
    for batch in stage.batches:
        attempts, _ = stage.wired.store.history(batch)
        if any(later.fence <= earlier.fence for earlier, later in pairwise(attempts)):
            found.append(f"batch {batch} has attempts that share a fence")
    return found


def timers(stage: Stage) -> list[str]:
    """No message waits for its time in Redis: what Redis loses must never be a timer of ours."""
    with stage.redis.client() as client:
        try:
            keys: Sequence[bytes] = list(client.scan_iter("*.DQ"))
        except redis.RedisError as error:
            return [f"Redis does not answer: {type(error).__name__}"]
    return [f"Redis holds delayed messages: {key.decode()}" for key in keys]


def leaks_of(stage: Stage) -> list[str]:
    """Return what the log tells that it must not."""
    key = stage.environment["MAVERICK_SECRET_KEY"]
    canaries = {"token": TOKEN, "secret key": key, "domain of contacts": email(0)[2:]}
    return leaks(stage.log(), canaries)
