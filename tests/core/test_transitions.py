"""The tables that all stages share: complete, with the ends where they belong."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest

from maverick_core.kernel.errors import Conflict
from maverick_core.pipeline.batch import (
    BATCH_TRANSITIONS,
    LIVE,
    BatchEvent,
    BatchState,
    after,
)
from maverick_core.pipeline.contact import (
    CONTACT_TRANSITIONS,
    COUNTED,
    ContactEvent,
    ContactState,
)

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def reachable(table: Mapping[S, Mapping[E, S]], start: S) -> set[S]:
    found, edge = {start}, [start]
    while edge:
        news = set(table[edge.pop()].values()) - found
        found |= news
        edge += news
    return found


def test_every_state_has_its_row_and_every_event_its_use() -> None:
    """Nothing is left undefined, and no event is dead."""
    assert set(BATCH_TRANSITIONS) == set(BatchState)
    assert set(CONTACT_TRANSITIONS) == set(ContactState)
    assert {event for row in BATCH_TRANSITIONS.values() for event in row} == set(BatchEvent)
    assert {event for row in CONTACT_TRANSITIONS.values() for event in row} == set(ContactEvent)


@pytest.mark.parametrize(("state", "event"), [*product(BatchState, BatchEvent)])
def test_a_step_is_in_the_table_or_a_conflict(state: BatchState, event: BatchEvent) -> None:
    """No step is skipped silently, and none is invented."""
    target = BATCH_TRANSITIONS[state].get(event)

    if target:
        assert after(state, event) is target
        return
    with pytest.raises(Conflict) as conflict:
        after(state, event)
    assert conflict.value.code == "batch_state"


def test_uploaded_and_cancelled_are_the_ends_and_can_always_be_reached() -> None:
    """From wherever a batch is there is a way to an end; from an end there is none."""
    ends = {state for state, row in BATCH_TRANSITIONS.items() if not row}

    assert ends == {BatchState.UPLOADED, BatchState.CANCELLED}
    for state in LIVE:
        assert reachable(BATCH_TRANSITIONS, state) >= ends
    assert reachable(BATCH_TRANSITIONS, BatchState.READY) == set(BatchState)
    assert set(BatchState) - ends == LIVE


def test_only_a_person_leads_a_failed_batch_out() -> None:
    """Re-queue and cancel are decisions; nothing the system does itself leaves ``failed``."""
    assert set(BATCH_TRANSITIONS[BatchState.FAILED]) == {BatchEvent.REQUEUE, BatchEvent.CANCEL}


def test_what_counts_once_counts_for_ever() -> None:
    """From a counted state only counted ones are reached; skipped and rejected are ends."""
    for state in COUNTED:
        assert reachable(CONTACT_TRANSITIONS, state) <= COUNTED
    for state in (ContactState.SKIPPED, ContactState.REJECTED):
        assert not CONTACT_TRANSITIONS[state]
    assert reachable(CONTACT_TRANSITIONS, ContactState.VERIFIED) == set(ContactState)


def test_an_outcome_comes_only_out_of_doubt() -> None:
    """Nobody is uploaded, skipped or rejected without having been on record as sent."""
    outcomes = {ContactEvent.ACCEPT, ContactEvent.SKIP, ContactEvent.REJECT}
    sources = {state for state, row in CONTACT_TRANSITIONS.items() if outcomes & row.keys()}

    assert sources == {ContactState.IN_DOUBT}
