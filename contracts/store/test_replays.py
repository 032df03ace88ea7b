"""``Replays``: a request that comes twice runs once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from contracts.store.site import Site, at_once
from contracts.store.test_keys import add, new_key
from maverick_core.access.ports import Answer
from maverick_core.access.replays import ANSWERS_KEPT, RUNS_AT_MOST
from maverick_core.kernel.errors import Conflict, Rejected

ANSWER = Answer(201, {"Location": "/api/v1/batches/B-000001"}, b'{"name":"\xc3\xbc"}')
SAME, OTHER = b"same", b"other"


@pytest.fixture
def key_id(site: Site) -> int:
    """Add a key that requests come with."""
    return add(site, new_key()).id


def begin(site: Site, key_id: int, name: str = "once", fingerprint: bytes = SAME) -> Answer | None:
    """Begin it now."""
    return site.record.begin_request(key_id, name, fingerprint, at=site.clock.now())


def end(
    site: Site,
    key_id: int,
    answer: Answer | None,
    name: str = "once",
    *,
    began_at: datetime | None = None,
) -> Answer | None:
    """End it, as the one that was begun now or at ``began_at``."""
    began_at = began_at or site.clock.now()
    return site.record.end_request(key_id, name, SAME, answer, began_at=began_at)


def refusal(site: Site, key_id: int, fingerprint: bytes = SAME) -> str:
    """Return the code that it is refused with."""
    with pytest.raises((Conflict, Rejected)) as refused:
        begin(site, key_id, fingerprint=fingerprint)
    return refused.value.code


def taken_over(site: Site, key_id: int, fingerprint: bytes = SAME) -> datetime:
    """Begin a request, and again when it is taken for dead; return when it was begun first."""
    began_at = site.clock.now()
    begin(site, key_id)
    site.clock.advance(RUNS_AT_MOST.total_seconds())
    begin(site, key_id, fingerprint=fingerprint)
    return began_at


def test_a_request_that_was_answered_is_answered_the_same(site: Site, key_id: int) -> None:
    """Status, headers and every byte of the body, as often as it comes."""
    assert begin(site, key_id) is None
    end(site, key_id, ANSWER)

    assert [begin(site, key_id), begin(site, key_id)] == [ANSWER, ANSWER]


def test_a_request_that_runs_is_not_run_again(site: Site, key_id: int) -> None:
    """The second one is to wait."""
    begin(site, key_id)

    assert refusal(site, key_id) == "request_running"


@pytest.mark.parametrize("answered", [False, True])
def test_the_same_key_with_another_request_is_refused(
    site: Site,
    key_id: int,
    answered: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """Whatever became of the first one; that one's answer stays."""
    begin(site, key_id)
    if answered:
        end(site, key_id, ANSWER)

    assert refusal(site, key_id, OTHER) == "idempotency_key_reused"
    assert not answered or begin(site, key_id) == ANSWER


def test_requests_of_other_keys_and_names_are_others(site: Site, key_id: int) -> None:
    """Two clients may choose the same words."""
    other_id = add(site, new_key("other", digest=bytes(32))).id
    begin(site, key_id)

    assert begin(site, other_id) is None
    assert begin(site, key_id, "twice") is None


def test_a_request_that_was_forgotten_is_new(site: Site, key_id: int) -> None:
    """What was refused for the moment may be tried again, with another body too."""
    begin(site, key_id)
    end(site, key_id, None)

    assert begin(site, key_id, fingerprint=OTHER) is None


def test_a_request_whose_process_died_begins_again(site: Site, key_id: int) -> None:
    """After a minute, not before; then the minute begins anew."""
    begin(site, key_id)
    site.clock.advance(RUNS_AT_MOST.total_seconds() - 1)
    assert refusal(site, key_id) == "request_running"
    site.clock.advance(1)

    assert begin(site, key_id, fingerprint=OTHER) is None
    assert refusal(site, key_id, OTHER) == "request_running"


def test_an_answer_is_given_again_for_a_day(site: Site, key_id: int) -> None:
    """Then the request is new, whether anybody swept it up or not."""
    begin(site, key_id)
    end(site, key_id, ANSWER)
    site.clock.advance(ANSWERS_KEPT.total_seconds() - 1)
    assert begin(site, key_id) == ANSWER
    site.clock.advance(1)

    assert begin(site, key_id, fingerprint=OTHER) is None
    assert refusal(site, key_id, OTHER) == "request_running"


@pytest.mark.parametrize("late", [None, Answer(500, {}, b"late")])
def test_the_first_answer_stays(site: Site, key_id: int, late: Answer | None) -> None:
    """One who was taken for dead, and ends after the one who took over, is given that one's."""
    began_at = taken_over(site, key_id)
    assert end(site, key_id, ANSWER) == ANSWER

    assert end(site, key_id, late, began_at=began_at) == ANSWER
    assert begin(site, key_id) == ANSWER


@pytest.mark.parametrize("late", [None, Answer(409, {}, b"done already")])
def test_who_took_over_is_given_the_answer_of_the_first_where_that_ends_before(
    site: Site, key_id: int, late: Answer | None
) -> None:
    """Whoever asked twice is answered once, also where the second was refused."""
    began_at = taken_over(site, key_id)
    assert end(site, key_id, ANSWER, began_at=began_at) == ANSWER

    assert end(site, key_id, late) == ANSWER
    assert begin(site, key_id) == ANSWER


def test_who_was_taken_for_dead_does_not_forget_the_one_that_runs(site: Site, key_id: int) -> None:
    """Else a third would run beside the second."""
    began_at = taken_over(site, key_id)

    assert end(site, key_id, None, began_at=began_at) is None
    assert refusal(site, key_id) == "request_running"


def test_who_was_taken_for_dead_answers_nobody_else_s_request(site: Site, key_id: int) -> None:
    """The one that took the name over asked for something else."""
    began_at = taken_over(site, key_id, OTHER)

    assert end(site, key_id, ANSWER, began_at=began_at) == ANSWER
    assert refusal(site, key_id, OTHER) == "request_running"


def test_what_was_forgotten_meanwhile_is_answered_by_who_did_it(site: Site, key_id: int) -> None:
    """The one that took over was refused; the first one did it all the same, and only once."""
    began_at = taken_over(site, key_id)
    end(site, key_id, None)
    end(site, key_id, ANSWER, began_at=began_at)

    assert begin(site, key_id) == ANSWER


def test_of_the_same_requests_at_once_one_runs(site: Site, key_id: int) -> None:
    """The others are told to wait, and none is let through."""
    answers = at_once(*[partial(begin, site, key_id)] * 8)

    assert answers.count(None) == 1
    assert {a.code for a in answers if isinstance(a, Conflict)} == {"request_running"}
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7


def test_of_those_who_take_over_a_dead_request_at_once_one_does(site: Site, key_id: int) -> None:
    """A dead one is no door for two."""
    begin(site, key_id)
    site.clock.advance(RUNS_AT_MOST.total_seconds())

    answers = at_once(*[partial(begin, site, key_id)] * 8)

    assert answers.count(None) == 1


def test_old_requests_are_deleted(site: Site, key_id: int) -> None:
    """Those that began before, answered or not."""
    begin(site, key_id, "old")
    end(site, key_id, ANSWER, "old")
    site.clock.advance(60)
    begin(site, key_id)
    now = site.clock.now()

    assert site.record.forget_requests(before=now - timedelta(seconds=1)) == 1
    assert begin(site, key_id, "old") is None
    assert refusal(site, key_id) == "request_running"
