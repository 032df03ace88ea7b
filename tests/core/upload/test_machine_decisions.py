"""What the machine decides: who is to blame, what it costs to find out, and how it stops."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import Push
from maverick_core.pipeline.upload.pieces import LONE_REFUSALS
from tests.core.upload.adversary import Destination, Fate, Nature, Record
from tests.core.upload.test_machine_histories import Life


def life_of(
    natures: Mapping[int, Nature],
    *,
    chunk: int = 500,
    campaign: bool = False,
    fate: Fate = Fate.ANSWERED_WITHOUT_ROWS,
    in_flight: int = 4,
) -> Life:
    """Return a life in which every request meets one fate, and answers come in order."""
    starts = enumerate(range(0, len(natures), chunk))
    chunks = {number: tuple(natures)[start : start + chunk] for number, start in starts}
    return Life(
        Record(chunks, campaign=campaign),
        Destination(natures),
        draw_fate=lambda: fate,
        draw_index=lambda _: 0,
        draw_whim=lambda: "go on",
        in_flight=in_flight,
    )


@given(st.integers(2, 700), st.data())
def test_a_few_bad_contacts_cost_a_bounded_number_of_requests(
    size: int, data: st.DataObject
) -> None:
    """K bad ones of n take at most k * (2 * ceil(log2 n) + 1) requests when no row is named."""
    bad = data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=6))
    natures = {contact: Nature.BAD if contact in bad else Nature.GOOD for contact in range(size)}
    life = life_of(natures, chunk=size, in_flight=data.draw(st.integers(1, 4)))

    end = life.claim()

    assert end
    if len(bad) < size:
        assert {c for c, o in life.record.outcomes.items() if o is Outcome.REJECTED} == bad
        assert len(life.record.outcomes) == size
    assert len(life.destination.requests) <= len(bad) * (2 * ceil(log2(size)) + 1)


@given(st.integers(1, 700), st.data())
def test_named_rows_cost_one_request_more(size: int, data: st.DataObject) -> None:
    """What the answer names is taken out directly and the rest goes again, once."""
    bad = data.draw(st.sets(st.integers(0, size - 1), max_size=size))
    natures = {contact: Nature.BAD if contact in bad else Nature.GOOD for contact in range(size)}
    life = life_of(natures, chunk=size, fate=Fate.ANSWERED)

    life.claim()

    assert len(life.destination.requests) == 1 + (0 < len(bad) < size)


@given(
    size=st.integers(LONE_REFUSALS, 120),
    chunk=st.integers(1, 120),
    in_flight=st.integers(1, 4),
    named=st.booleans(),
)
def test_a_batch_that_is_refused_for_one_reason_fails_and_its_contacts_do_not_pay(
    *, size: int, chunk: int, in_flight: int, named: bool
) -> None:
    """The first eight lone refusals for one reason with nothing accepted are the batch's fault."""
    fate = Fate.ANSWERED if named else Fate.ANSWERED_WITHOUT_ROWS
    natures = dict.fromkeys(range(size), Nature.BAD)
    life = life_of(natures, chunk=chunk, fate=fate, in_flight=in_flight)

    end = life.claim()

    assert end
    assert (end.event, end.code) == (BatchEvent.FAIL, "refused")
    assert not life.record.outcomes
    lone = [request for request in life.destination.requests if len(request.contacts) == 1]
    assert len(lone) <= LONE_REFUSALS + in_flight - 1
    assert not life.record.sent, "nothing was taken, and the record says so"


@given(st.integers(1, LONE_REFUSALS - 1))
def test_fewer_than_eight_refused_contacts_are_at_fault_themselves(size: int) -> None:
    """A small batch of bad contacts ends: each is rejected with its reason."""
    life = life_of(dict.fromkeys(range(size), Nature.BAD))

    end = life.claim()

    assert end
    assert end.event is BatchEvent.FINISH
    assert set(life.record.outcomes.values()) == {Outcome.REJECTED}


def test_the_blame_is_withdrawn_when_something_under_way_is_accepted() -> None:
    """Eight refused alone, but the ninth is taken: then they are bad, and the batch is not."""
    good = range(LONE_REFUSALS, LONE_REFUSALS + 3)
    bad = dict.fromkeys(range(LONE_REFUSALS), Nature.BAD)
    life = life_of(bad | dict.fromkeys(good, Nature.GOOD), chunk=1, in_flight=LONE_REFUSALS + 1)

    end = life.claim()

    assert end
    assert end.event is BatchEvent.FINISH
    assert [life.record.outcomes[contact] for contact in good] == [Outcome.ACCEPTED] * 3


def _at(moment: int, steps: Iterator[int], whim: str) -> str:
    return whim if next(steps) == moment else "go on"


def interrupted(whim: str, natures: Mapping[int, Nature]) -> Iterator[tuple[Life, int]]:
    """Yield lives in which ``whim`` comes after step 1, after step 2, and so on to the end."""
    for moment in count(1):
        steps = count(1)
        life = life_of(natures, chunk=4, campaign=True, in_flight=2)
        life.draw_whim = partial(_at, moment, steps, whim)
        yield life, moment
        if next(steps) <= moment:
            return


MIXED = {
    0: Nature.GOOD,
    1: Nature.BAD,
    2: Nature.UNATTACHABLE,
    3: Nature.SKIPPED,
    4: Nature.GOOD,
    5: Nature.GOOD,
    6: Nature.LEFT_OUT,
    7: Nature.WORSE,
    8: Nature.GOOD,
}


def test_a_cancel_at_any_step_leaves_nobody_taken_outside_the_campaign() -> None:
    """Wherever the wish comes, what was taken is attached and everything else is untouched."""
    for life, moment in interrupted("cancel", MIXED):
        end = life.claim()

        assert end, moment
        assert end.event in (BatchEvent.CANCEL, BatchEvent.FINISH)
        accepted = {c for c, o in life.record.outcomes.items() if o is Outcome.ACCEPTED}
        assert accepted == life.destination.enrolled, moment
        assert life.destination.held == {
            c
            for c, o in life.record.outcomes.items()
            if o in (Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE)
        }


@pytest.mark.parametrize("whim", ["crash", "stop"])
def test_an_end_at_any_step_is_made_good_by_the_next_claim(whim: str) -> None:
    """A crash and a polite stop cost time only: the next claim ends as one without them would."""
    whole = life_of(MIXED, chunk=4, campaign=True)
    whole.claim()
    for life, moment in interrupted(whim, MIXED):
        life.claim()

        life.draw_whim = lambda: "go on"
        life.claim()

        assert life.record.outcomes == whole.record.outcomes, moment
        assert life.destination.enrolled == whole.destination.enrolled, moment
        assert pushes_of_accepted(life) <= 2, moment


def pushes_of_accepted(life: Life) -> int:
    """Return how often the contact that was pushed most often *in a request that was taken* was."""
    bad = {contact for contact, nature in MIXED.items() if nature in (Nature.BAD, Nature.WORSE)}
    taken = [
        set(request.contacts)
        for request in life.destination.requests
        if isinstance(request, Push) and not bad & set(request.contacts)
    ]
    return max((sum(contact in pushed for pushed in taken) for contact in MIXED), default=0)
