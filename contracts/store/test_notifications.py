"""``NotificationRecord`` and its neighbours: the life of what people are to be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.store.site import LEASE, Site, at_once
from maverick_core.jobs.rules import UPLOAD_QUEUE, Announcement
from maverick_core.jobs.service import RelayOutbox
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.notifications.ports import NotificationClaim, NotificationEnd, NotTaken
from maverick_core.notifications.rules import (
    MAX_CLAIMS,
    SEND_ACTOR,
    SEND_QUEUE,
    Notification,
    NotificationEvent,
    NotificationState,
)
from maverick_core.pipeline.batch import BatchEvent

ARRIVED = NotificationEnd(NotificationEvent.ARRIVE, reference="C1:1700000000.1")
REFUSED = NotificationEnd(
    NotificationEvent.FAIL, "slack_channel", "There is no such channel.", absent=True
)
PATIENCE = 60.0


class Ears:
    """Queues that hear everything."""

    def __init__(self) -> None:
        self.heard: list[Announcement] = []

    def enqueue(self, announcement: Announcement) -> str:
        """Hear it."""
        self.heard.append(announcement)
        return f"message-{announcement.id}"


def reported(site: Site) -> int:
    """Let a batch fail, and return the number of the notification."""
    batch, _ = site.batch("ann", "bob")
    site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")
    return the_last(site).id


def the_last(site: Site) -> Notification:
    """Return what was reported last."""
    return site.record.notifications(limit=1)[0]


def taken(site: Site, number: int) -> NotificationClaim:
    """Claim what is there to be claimed."""
    claim = site.record.claim_notification(number, lease_seconds=LEASE)
    assert isinstance(claim, NotificationClaim), claim
    return claim


def refusal(site: Site, number: int) -> str:
    """Return the code that a claim is refused with."""
    answer = site.record.claim_notification(number, lease_seconds=LEASE)
    assert isinstance(answer, NotTaken), answer
    return answer.code


def post(site: Site, claim: NotificationClaim) -> bool:
    """Put the intent to post on record."""
    return site.record.about_to_post(claim, lease_seconds=LEASE)


def later(seconds: float, *, absent: bool = True, put_off: bool = False) -> NotificationEnd:
    """Return the end of a claim that is to be tried again."""
    return NotificationEnd(
        NotificationEvent.HAND_BACK, "x", after_seconds=seconds, absent=absent, put_off=put_off
    )


def heard(site: Site) -> list[Announcement]:
    """Relay once, and return what tells of notifications."""
    ears = Ears()
    RelayOutbox(site.record, ears)()
    return [each for each in ears.heard if each.queue != UPLOAD_QUEUE]


def test_what_is_reported_is_announced_with_it(site: Site) -> None:
    """One message with the number of the notification, for the actor that sends."""
    number = reported(site)

    [told] = heard(site)
    assert (told.queue, told.actor, told.arg) == (SEND_QUEUE, SEND_ACTOR, number)
    assert heard(site) == []


def test_a_claim_takes_the_announcement_away(site: Site) -> None:
    """Whoever found it by other means leaves nothing for the relay."""
    taken(site, reported(site))

    assert heard(site) == []


def test_a_claim_is_given_once(site: Site) -> None:
    """The others hear that somebody has it, and at the end that it is over."""
    number = reported(site)
    claim = taken(site, number)
    busy = refusal(site, number)
    site.record.end_notification(claim, ARRIVED)

    assert (busy, refusal(site, number), refusal(site, 99)) == ("busy", "over", "missing")
    assert (claim.posted_at, claim.claims, claim.limits) == (None, 1, 0)


def test_of_many_claims_at_once_one_is_given(site: Site) -> None:
    """However many workers hear of it."""
    number = reported(site)
    answers = at_once(*[lambda: site.record.claim_notification(number, lease_seconds=LEASE)] * 8)

    assert sum(isinstance(answer, NotificationClaim) for answer in answers) == 1


def test_how_it_ended_is_shown(site: Site) -> None:
    """State, code and words, for who looks."""
    number = reported(site)
    site.record.end_notification(taken(site, number), REFUSED)

    shown = the_last(site)
    assert shown.state is NotificationState.FAILED
    assert (shown.code, shown.detail) == (REFUSED.code, REFUSED.detail)
    assert shown.ended_at == site.clock.now()
    assert site.record.notifications(state=NotificationState.SENT, limit=9) == []
    assert [each.id for each in site.record.notifications(limit=9)] == [number]


def test_an_intent_to_post_outlives_its_worker(site: Site) -> None:
    """The next claim knows since when the message may be there, and that stays the first time."""
    number = reported(site)
    post(site, taken(site, number))
    first = site.clock.now()
    site.leases_run_out()
    second = taken(site, number)
    site.clock.advance(5)
    post(site, second)
    site.leases_run_out()

    assert second.posted_at == first
    assert taken(site, number).posted_at == first


def test_what_is_certainly_absent_is_no_longer_in_doubt(site: Site) -> None:
    """The next claim need not look."""
    number = reported(site)
    claim = taken(site, number)
    post(site, claim)
    site.record.end_notification(claim, later(0.0))

    assert taken(site, number).posted_at is None


def test_what_is_handed_back_waits_for_its_time(site: Site) -> None:
    """Nobody is told of it, or given it, before."""
    number = reported(site)
    site.record.end_notification(taken(site, number), later(30.0))
    early = refusal(site, number), site.record.waiting_notifications(limit=9)
    site.clock.advance(30)

    assert early == ("not_due", [])
    assert site.record.waiting_notifications(limit=9) == [number]
    assert taken(site, number).claims == 2


def test_what_is_put_off_does_not_count_as_a_claim(site: Site) -> None:
    """Too many requests are nobody's fault; how often that was is counted for itself."""
    number = reported(site)
    site.record.end_notification(taken(site, number), later(0.0, put_off=True))
    claim = taken(site, number)

    assert (claim.claims, claim.limits) == (1, 1)


def test_a_claim_that_ran_out_changes_nothing_any_more(site: Site) -> None:
    """Its worker was slow; another one has it, or ended it."""
    number = reported(site)
    stale = taken(site, number)
    site.leases_run_out()
    fresh = taken(site, number)
    late = post(site, stale), site.record.end_notification(stale, REFUSED)
    site.record.end_notification(fresh, ARRIVED)

    assert late == (False, False)
    assert not site.record.end_notification(fresh, REFUSED)
    assert the_last(site).state is NotificationState.SENT


@pytest.mark.parametrize(
    ("posted", "state"),
    [(False, NotificationState.FAILED), (True, NotificationState.IN_DOUBT)],
)
def test_claims_are_bounded(site: Site, *, posted: bool, state: NotificationState) -> None:
    """What may be there ends in doubt, what certainly is not ends as failed."""
    number = reported(site)
    for _ in range(MAX_CLAIMS):
        claim = taken(site, number)
        if posted:
            post(site, claim)
        site.leases_run_out()

    assert refusal(site, number) == "too_many_claims"
    assert (the_last(site).state, the_last(site).code) == (state, "too_many_claims")
    assert refusal(site, number) == "over"


def test_a_lost_announcement_is_made_again(site: Site) -> None:
    """After a while, and never for what somebody has or what is over."""
    number = reported(site)
    heard(site)
    site.clock.advance(PATIENCE - 1)
    early = site.record.announce_notifications(patience_seconds=PATIENCE, limit=9)
    site.clock.advance(2)
    late = site.record.announce_notifications(patience_seconds=PATIENCE, limit=9)
    told = [each.arg for each in heard(site)]
    claim = taken(site, number)
    busy = site.record.announce_notifications(patience_seconds=PATIENCE, limit=9)
    site.record.end_notification(claim, ARRIVED)

    assert (early, late, told, busy) == (0, 1, [number], 0)
    assert site.record.announce_notifications(patience_seconds=PATIENCE, limit=9) == 0


def test_what_a_dead_worker_had_is_announced_at_once(site: Site) -> None:
    """Its fence moved, so it is news."""
    number = reported(site)
    taken(site, number)
    site.leases_run_out()

    assert site.record.announce_notifications(patience_seconds=PATIENCE, limit=9) == 1
    assert [each.arg for each in heard(site)] == [number]


@pytest.mark.parametrize("event", [NotificationEvent.FAIL, NotificationEvent.DOUBT])
def test_a_person_sends_again_what_did_not_arrive(site: Site, event: NotificationEvent) -> None:
    """It begins anew, and the person who looked is on record."""
    number = reported(site)
    claim = taken(site, number)
    post(site, claim)
    site.record.end_notification(claim, NotificationEnd(event, "x", "y"))
    site.record.resend_notification(number, by="pat", at=site.clock.now())

    assert [each.arg for each in heard(site)] == [number]
    again = taken(site, number)
    assert again == replace(claim, fence=again.fence)
    assert the_last(site).resent_by == "pat"


def test_what_is_sent_or_on_its_way_is_not_sent_again(site: Site) -> None:
    """A second click does nothing."""
    number = reported(site)
    now = site.clock.now()
    for before in (NotificationState.PENDING, NotificationState.SENDING, NotificationState.SENT):
        with pytest.raises(Conflict, match=before) as refused:
            site.record.resend_notification(number, by="pat", at=now)
        assert refused.value.code == "not_resendable"
        if before is NotificationState.PENDING:
            claim = taken(site, number)
        else:
            site.record.end_notification(claim, ARRIVED)
    with pytest.raises(Missing):
        site.record.resend_notification(99, by="pat", at=now)
