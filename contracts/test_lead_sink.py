"""``LeadSink``: what an upload may rely on, whatever destination is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.destinations import DESTINATIONS, TOKEN, Destination, email, lead
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Attached,
    Lost,
    Refused,
    Unauthorised,
)

ANN, BOB, CAT = lead("ann"), lead("bob"), lead("cat")


@pytest.fixture(params=DESTINATIONS)
def destination(request: pytest.FixtureRequest) -> Iterator[Destination]:
    """Give one empty destination of each kind."""
    with DESTINATIONS[request.param]() as destination:
        yield destination


def ids_of(answer: object) -> list[int]:
    """Return the ids of an answer that took every lead."""
    assert isinstance(answer, Accepted), answer
    ids = [lead_id for lead_id in answer.lead_ids if lead_id is not None]
    assert len(ids) == len(answer.lead_ids), answer
    return ids


def test_a_push_gives_every_lead_an_id_of_its_own(destination: Destination) -> None:
    """One id for each lead, in their order."""
    ids = ids_of(destination.sink.push([ANN, BOB, CAT]))

    assert len(set(ids)) == 3
    assert destination.held() == {ANN.email, BOB.email, CAT.email}


def test_pushing_again_changes_nothing(destination: Destination) -> None:
    """The same leads in another order: each has the id that it had, none is there twice."""
    first = ids_of(destination.sink.push([ANN, BOB, CAT]))

    again = ids_of(destination.sink.push([CAT, ANN, BOB]))

    assert again == [first[2], first[0], first[1]]
    assert len(destination.held()) == 3


def test_five_hundred_leads_go_in_one_push(destination: Destination) -> None:
    """The size of a chunk."""
    leads = [lead(f"person{number}") for number in range(500)]

    assert len(set(ids_of(destination.sink.push(leads)))) == 500


def test_a_push_of_nobody_is_accepted(destination: Destination) -> None:
    """There is nothing to say about nobody."""
    answer = destination.sink.push([])

    assert isinstance(answer, Accepted)
    assert list(answer.lead_ids) == []


def test_a_lead_left_out_of_the_answer_has_no_id(destination: Destination) -> None:
    """Skipped without a word: named by its place, and not held."""
    destination.skip(BOB.email)

    answer = destination.sink.push([ANN, BOB, CAT])

    assert isinstance(answer, Accepted)
    assert [lead_id is None for lead_id in answer.lead_ids] == [False, True, False]
    assert destination.held() == {ANN.email, CAT.email}


def test_a_refused_push_takes_nobody(destination: Destination) -> None:
    """One bad lead refuses all of the request; where rows are named, it is the bad one."""
    destination.refuse(BOB.email)

    answer = destination.sink.push([ANN, BOB, CAT])

    assert isinstance(answer, Refused)
    assert answer.detail
    assert set(answer.rows) <= {1}
    assert destination.held() == set()


def test_a_refusal_sounds_the_same_wherever_the_lead_stands(destination: Destination) -> None:
    """The machine compares reasons: a batch is at fault when all of them are the same."""
    destination.refuse(BOB.email)

    last = destination.sink.push([ANN, CAT, BOB])
    alone = destination.sink.push([BOB])

    assert isinstance(last, Refused)
    assert isinstance(alone, Refused)
    assert last.detail == alone.detail
    assert set(last.rows.values()) == set(alone.rows.values())


def test_leads_whose_answer_was_lost_are_settled_by_pushing_again(
    destination: Destination,
) -> None:
    """Lost says nothing about them; the second push does."""
    destination.lose_next_answer()

    first = destination.sink.push([ANN, BOB])
    second = destination.sink.push([ANN, BOB])

    assert isinstance(first, Lost)
    assert len(ids_of(second)) == 2
    assert destination.held() == {ANN.email, BOB.email}


def test_a_refused_token_is_an_answer_and_takes_nobody(destination: Destination) -> None:
    """It is not raised, and says what it is without showing the token."""
    destination.lock_out()

    pushed = destination.sink.push([ANN])
    attached = destination.sink.attach(destination.campaign, [ANN], [1])

    for answer in (pushed, attached):
        assert isinstance(answer, Unauthorised)
        assert answer.code == "token_refused"
        assert TOKEN not in repr(answer)
    assert destination.held() == set()


def test_a_token_refused_between_two_pushes_is_seen(destination: Destination) -> None:
    """Nothing that was known of it before counts."""
    ids_of(destination.sink.push([ANN]))
    destination.lock_out()

    assert isinstance(destination.sink.push([BOB]), Unauthorised)
    assert destination.held() == {ANN.email}


def test_workspaces_do_not_see_each_other(destination: Destination) -> None:
    """One person in two workspaces is two leads."""
    here = ids_of(destination.sink.push([ANN]))
    there = ids_of(destination.other_sink.push([ANN, BOB]))

    assert here[0] != there[0]
    assert destination.held() == {ANN.email}


def test_pushes_at_the_same_time_agree(destination: Destination) -> None:
    """Two workers on one chunk do no harm: that is what carries a lease that was lost."""
    leads = [lead(f"person{number}") for number in range(40)]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(destination.sink.push, [leads] * 4))

    assert len({tuple(ids_of(answer)) for answer in answers}) == 1
    assert len(destination.held()) == 40


def test_attached_leads_are_in_the_campaign(destination: Destination) -> None:
    """Those that were asked for, and no others."""
    ids = ids_of(destination.sink.push([ANN, BOB, CAT]))

    answer = destination.sink.attach(destination.campaign, [ANN, BOB], ids[:2])

    assert isinstance(answer, Attached)
    assert list(answer.missing) == []
    assert destination.enrolled() == {ANN.email, BOB.email}


def test_attaching_again_changes_nothing(destination: Destination) -> None:
    """Members stay members."""
    ids = ids_of(destination.sink.push([ANN, BOB]))
    destination.sink.attach(destination.campaign, [ANN], ids[:1])

    answer = destination.sink.attach(destination.campaign, [ANN, BOB], ids)

    assert isinstance(answer, Attached)
    assert list(answer.missing) == []
    assert destination.enrolled() == {ANN.email, BOB.email}


def test_a_lead_left_out_of_the_campaign_is_named(destination: Destination) -> None:
    """The answer was good and said nothing of it."""
    ids = ids_of(destination.sink.push([ANN, BOB, CAT]))
    destination.leave_out(BOB.email)

    answer = destination.sink.attach(destination.campaign, [ANN, BOB, CAT], ids)

    assert isinstance(answer, Attached)
    assert list(answer.missing) == [1]
    assert destination.enrolled() == {ANN.email, CAT.email}


def test_a_refused_attach_attaches_nobody(destination: Destination) -> None:
    """The rest goes in when it is asked for without the lead at fault."""
    ids = ids_of(destination.sink.push([ANN, BOB, CAT]))
    destination.keep_out(BOB.email)

    refused = destination.sink.attach(destination.campaign, [ANN, BOB, CAT], ids)
    rest = destination.sink.attach(destination.campaign, [ANN, CAT], [ids[0], ids[2]])

    assert isinstance(refused, Refused)
    assert set(refused.rows) <= {1}
    assert isinstance(rest, Attached)
    assert destination.enrolled() == {ANN.email, CAT.email}


def test_no_answer_holds_an_address(destination: Destination) -> None:
    """Details and reasons are stored and shown; they are not the place for people."""
    destination.refuse(BOB.email)
    ids = ids_of(destination.sink.push([ANN, CAT]))
    destination.keep_out(CAT.email)

    answers = (
        destination.sink.push([ANN, BOB]),
        destination.sink.attach(destination.campaign, [ANN, CAT], ids),
    )

    assert not any(email(name) in repr(answers) for name in ("ann", "bob", "cat"))
