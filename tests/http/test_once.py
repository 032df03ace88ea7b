"""What comes twice is done once: ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from falcon import testing

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.access.replays import RUNS_AT_MOST
from maverick_core.access.rules import Role
from maverick_core.workspaces.rules import NewWorkspace, Workspace
from tests.http.house import House

WORKSPACES = "/api/v1/workspaces"
ACME = {"slug": "acme", "timezone": "UTC"}


def test_a_request_that_comes_twice_is_done_once_and_answered_twice(any_house: House) -> None:
    """The second answer is the first one, and says so."""
    first = any_house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")
    second = any_house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert [e.action for e in any_house.store.audit_entries() if e.result == "done"] == [
        "workspaces.add"
    ]


def test_the_same_key_is_another_callers_own(any_house: House) -> None:
    """What one key was answered is nothing to the next."""
    any_house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")
    other = any_house.ask(
        "POST", WORKSPACES, ACME, key=any_house.key(Role.OPERATOR), Idempotency_Key="k-1"
    )

    assert (other.status_code, other.json["code"]) == (409, "workspace_exists")


def test_another_request_with_the_same_key_is_refused(any_house: House) -> None:
    any_house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")
    other = any_house.ask("POST", WORKSPACES, {**ACME, "slug": "b"}, Idempotency_Key="k-1")

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(("key", "code"), [(None, "missing"), ("a b", "bad"), ("x" * 201, "bad")])
def test_a_request_that_creates_asks_for_a_key(house: House, key: str | None, code: str) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}
    refused = house.ask("POST", WORKSPACES, ACME, **headers)

    assert refused.status_code == 400
    assert code in refused.json["code"]


def test_a_request_that_was_refused_may_be_tried_again(any_house: House) -> None:
    """With the same key and a corrected body: nothing was done."""
    bad = any_house.ask("POST", WORKSPACES, {**ACME, "timezone": "x"}, Idempotency_Key="k-1")
    good = any_house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")

    assert (bad.status_code, good.status_code) == (422, 201)


class Echo(MemoryStore):
    """A record that hears the same request again while it does what the first one asks."""

    def add_workspace(self, new: NewWorkspace) -> Workspace:
        """Ask again, then do it."""
        self.meanwhile = self.again()
        return super().add_workspace(new)

    again: Callable[[], testing.Result]
    meanwhile: testing.Result


def test_a_request_that_still_runs_is_not_begun_again() -> None:
    """409, and when to come back; the first one is done all the same."""
    clock = ManualClock()
    store = Echo(clock)
    house = House(store, clock)
    store.again = partial(house.ask, "POST", WORKSPACES, ACME, Idempotency_Key="k-1")
    first = store.again()

    assert (store.meanwhile.status_code, store.meanwhile.json["code"]) == (409, "request_running")
    assert first.status_code == 201


class Slow(MemoryStore):
    """A record that takes so long that the same request comes again and is done before."""

    again: Callable[[], testing.Result] | None = None
    meanwhile: testing.Result

    def add_workspace(self, new: NewWorkspace) -> Workspace:
        """Ask again, once, then do it."""
        again, self.again = self.again, None
        if again:
            self.meanwhile = again()
        return super().add_workspace(new)


def test_a_request_that_is_taken_for_dead_and_ends_late_is_answered_like_the_other() -> None:
    """It finds done what it was to do; who asked is not told of a conflict with itself."""
    clock = ManualClock()
    store = Slow(clock)
    house = House(store, clock)

    def ask() -> testing.Result:
        clock.advance(RUNS_AT_MOST.total_seconds())
        return house.ask("POST", WORKSPACES, ACME, Idempotency_Key="k-1")

    store.again = ask
    late = ask()

    assert (store.meanwhile.status_code, late.status_code) == (201, 201)
    assert late.content == store.meanwhile.content
    assert late.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in store.meanwhile.headers
