"""Contacts are cut into batches in order, within the room, one batch at a time."""

from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.batching.rules import plan_batches
from maverick_core.workspaces.rules import MAX_BATCH_SIZE

ids = st.lists(st.integers(1), unique=True, max_size=200)
rooms = st.integers(0, 250)
sizes = st.integers(1, 60)


@given(ids, rooms, sizes)
def test_a_plan_takes_the_first_contacts_that_there_is_room_for(
    contacts: list[int], room: int, size: int
) -> None:
    """In their order, each once; every batch is full but the last, and none is empty."""
    batches = list(plan_batches(contacts, room=room, batch_size=size))

    assert list(chain.from_iterable(batches)) == contacts[:room]
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)


@given(rooms, sizes, st.integers(0, 5))
def test_a_plan_is_lazy(room: int, size: int, wanted: int) -> None:
    """It holds one batch at a time, and never takes an id that there is no room for."""
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    batches = plan_batches(endless(), room=room, batch_size=size)
    assert taken == 0

    for number in range(1, wanted + 1):
        next(batches, None)
        assert taken == min(number * size, room)


@given(ids, rooms, sizes, sizes)
def test_the_size_of_a_batch_changes_nobody_s_place(
    contacts: list[int], room: int, size: int, other: int
) -> None:
    """However they are cut, the same contacts are planned."""
    one = chain.from_iterable(plan_batches(contacts, room=room, batch_size=size))
    two = chain.from_iterable(plan_batches(contacts, room=room, batch_size=other))

    assert list(one) == list(two)


@given(ids, rooms, rooms, sizes)
def test_planning_in_two_goes_plans_the_same_contacts(
    contacts: list[int], first: int, second: int, size: int
) -> None:
    """A plan continues where the one before it stopped."""
    earlier = list(chain.from_iterable(plan_batches(contacts, room=first, batch_size=size)))
    left = [contact for contact in contacts if contact not in set(earlier)]
    later = list(chain.from_iterable(plan_batches(left, room=second, batch_size=size)))

    assert earlier + later == contacts[: first + second]


@given(st.permutations(range(30)), st.integers(30, 40), sizes)
def test_with_room_for_all_the_order_decides_nothing_but_the_order(
    contacts: list[int], room: int, size: int
) -> None:
    """Any permutation of the same contacts is planned completely."""
    planned = chain.from_iterable(plan_batches(contacts, room=room, batch_size=size))

    assert set(planned) == set(range(30))


@pytest.mark.parametrize(("room", "size"), [(-1, 10), (10, 0), (10, -1), (10, MAX_BATCH_SIZE + 1)])
def test_an_impossible_plan_is_refused_before_the_first_contact_is_taken(
    room: int, size: int
) -> None:
    """The refusal comes with the call, not with the first batch."""
    with pytest.raises(Rejected):
        plan_batches(iter(()), room=room, batch_size=size)
