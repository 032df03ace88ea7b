"""``MasterList``, ``MasterViews``, ``Refills``, ``Overlaps``: known once, and brought once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from contracts.store.catalogue import (
    address,
    bounce,
    candidates,
    fill,
    found,
    held_by,
    judge,
    refill,
    suppress,
    turned_down,
    uploaded,
)
from contracts.store.site import Site, at_once, contact
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.filtering.codes import FilterCode
from maverick_core.pipeline.master_fill.overlap import Overlap, RefillCode
from maverick_core.pipeline.master_fill.rules import Person, Place, SeenAs
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.verification.verdicts import Reason, Verdict

DAY = timedelta(days=1)


def test_a_mailbox_of_two_workspaces_is_known_once(site: Site) -> None:
    """The list says where it was first, when it was last, and how many hold it."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt")
    site.contacts(acme, "ann")
    first = site.clock.now()
    site.clock.advance(60)
    site.contacts(bolt, "ann", "ben")

    fill(site)

    ann = site.record.master_contact(address("ann")).contact
    assert (ann.first_workspace_id, ann.first_seen_at) == (acme.id, first)
    assert ann.first_origin.kind is OriginKind.CSV_IMPORT
    assert (ann.last_seen_at, ann.workspaces) == (site.clock.now(), 2)
    assert site.record.master_contact(address("ben")).contact.workspaces == 1
    assert site.record.master_stats().mailboxes == 2
    assert site.record.master_stats().shared == 1


def test_who_is_not_in_the_list_is_missing(site: Site) -> None:
    """The list says so, and what fills it."""
    with pytest.raises(Missing, match="does not have"):
        site.record.master_contact("nobody@x.example")


def test_the_most_complete_of_what_is_said_counts(site: Site) -> None:
    """A candidate with more fields goes before a newer contact with fewer."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt")
    candidates(site, acme, "ann")
    site.clock.advance(60)
    site.contacts(bolt, "ann")

    fill(site)

    ann = site.record.master_contact(address("ann")).contact
    assert ann.person == Person("Ann", "Lee", "Agent", "Agency", "+12025550100", "TX", "auto")
    assert ann.person_from == acme.id
    assert ann.first_origin == found(site, acme)


def test_a_candidate_that_became_a_contact_is_one_holding(site: Site) -> None:
    """A workspace counts once for a mailbox, whichever of its tables was told first."""
    acme = site.workspace("acme")
    candidates(site, acme, "ann", "ben")
    fill(site)
    judge(site, acme, Verdict.VALID, Reason.MAILBOX_EXISTS)

    fill(site)

    assert site.record.master_contact(address("ann")).contact.workspaces == 1
    fill(site, rebuild=True)
    assert site.record.master_contact(address("ann")).contact.workspaces == 1


def test_what_was_told_is_not_told_again(site: Site) -> None:
    """A fill goes on behind its marks; where nothing came in it does nothing."""
    acme = site.workspace("acme")
    site.contacts(acme, "ann", "ben", "cleo")

    assert fill(site).sightings == 3
    assert fill(site).sightings == 0
    site.contacts(acme, "dana")
    assert fill(site).sightings == 1


def test_a_page_that_fails_is_told_again(site: Site) -> None:
    """An exception leaves neither the list nor the mark behind."""
    acme = site.workspace("acme")
    site.contacts(acme, "ann")

    def fail() -> None:
        with site.record.sighting_page(acme.id, SeenAs.CONTACT, limit=9) as page:
            page.keep([])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert fill(site).sightings == 1
    assert site.record.master_stats().mailboxes == 1


def test_the_last_outcome_is_known(site: Site) -> None:
    """Of several workspaces the latest counts, and a refusal of the campaign comes after."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt")
    uploaded(site, acme, "ann")
    fill(site)
    site.clock.advance(60)
    uploaded(site, bolt, "ann", outcome=Outcome.REJECTED)

    fill(site)

    ann = site.record.master_contact(address("ann")).contact
    assert (ann.outcome, ann.outcome_workspace_id) == (Outcome.REJECTED, bolt.id)
    assert ann.uploaded_at == site.clock.now() - timedelta(seconds=60)
    assert site.record.master_stats().outcomes == {"rejected": 1}
    assert site.record.moved_batches() == []


def test_a_batch_under_way_is_told_again_when_it_moves(site: Site) -> None:
    """What settles after a fill is told by the next one."""
    acme = site.workspace("acme")
    members = site.contacts(acme, "ann", "ben")
    batch_id = site.plan(acme, members)[0]
    claim = site.claim(batch_id)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(members[0], 1)]))
    fill(site)
    moved = site.record.moved_batches()

    site.settle(claim, Settle(0, accepted=[(members[1], 2)], settled=True))

    assert moved == []
    assert site.record.moved_batches() == [batch_id]
    fill(site)
    assert site.record.master_stats().outcomes == {"accepted": 2}


def test_two_fills_at_once_tell_each_thing_once(site: Site) -> None:
    """They follow each other, page by page."""
    acme = site.workspace("acme")
    site.contacts(acme, *(f"p{number}" for number in range(12)))

    told = at_once(*[partial(fill, site, page_size=2)] * 4)

    assert sum(each.sightings for each in told if hasattr(each, "sightings")) == 12
    assert site.record.master_stats().mailboxes == 12
    assert site.record.master_stats().shared == 0


def test_a_refill_brings_what_is_missing_as_raw_contacts(site: Site) -> None:
    """They come with an origin of their own, and count as on the way at once."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    uploaded(site, acme, "ann", "ben", "cleo")
    fill(site)
    site.clock.advance(90 * DAY.total_seconds())

    done = refill(site, bolt, target=2, overlap=Overlap(30))

    assert (done.short, done.brought, done.looked_at) == (2, 2, 2)
    assert held_by(site, bolt) == [address("ann"), address("ben")]
    assert found(site, bolt).kind is OriginKind.MASTER_LIST
    assert site.record.on_the_way(bolt.id) == 2
    assert refill(site, bolt).short == 0
    [run] = site.record.refill_runs(bolt.id)
    assert (run.asked, run.brought, run.by, run.finished_at) == (2, 2, "pat", site.clock.now())


def test_never_uploaded_mailboxes_are_drawn_on_first(site: Site) -> None:
    """Then those whose upload is longest ago; equals by their e-mail."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=9)
    uploaded(site, acme, "ann")
    site.clock.advance(60)
    uploaded(site, acme, "ben", "cleo")
    site.contacts(acme, "zoe", "dana")
    fill(site)

    with site.record.trial_page(bolt.id, after=None, limit=9) as page:
        order = [each.email.partition("@")[0] for each in page.contacts]

    assert order == ["dana", "zoe", "ann", "ben", "cleo"]
    walked = []
    after: Place | None = None
    for _ in order:
        with site.record.trial_page(bolt.id, after=after, limit=1) as page:
            [each] = page.contacts
        walked.append(each.email.partition("@")[0])
        after = Place(each.uploaded_at, each.email)
    assert walked == order


@pytest.mark.parametrize(
    ("overlap", "after", "code"),
    [
        (Overlap(), 90 * DAY, RefillCode.HELD_ELSEWHERE),
        (Overlap(30), 29 * DAY, RefillCode.UPLOADED_LATELY),
        (Overlap(30), 30 * DAY, None),
    ],
)
def test_an_upload_elsewhere_keeps_a_mailbox_for_its_days(
    site: Site, overlap: Overlap, after: timedelta, code: RefillCode | None
) -> None:
    """Without overlap it keeps it for ever."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    uploaded(site, acme, "ann")
    fill(site)
    site.clock.advance(after.total_seconds())

    done = refill(site, bolt, overlap=overlap)

    assert dict(done.codes) == ({code: 1} if code else {})
    assert done.brought == (code is None)


def test_what_waits_elsewhere_is_held_and_what_is_batched_is_never_brought(site: Site) -> None:
    """A batch is about to be sent, so no number of days has passed since."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    free, batched = site.contacts(acme, "ann", "ben")
    candidates(site, acme, "cleo")
    site.plan(acme, [batched])
    fill(site)
    assert free

    assert dict(refill(site, bolt).codes) == {RefillCode.HELD_ELSEWHERE: 3}
    done = refill(site, bolt, overlap=Overlap(1))
    assert dict(done.codes) == {RefillCode.BATCHED_ELSEWHERE: 1}
    assert held_by(site, bolt) == [address("ann"), address("cleo")]


def test_what_another_workspace_was_left_with_may_be_brought(site: Site) -> None:
    """Whom Bison skipped there, and whom its policy does not take, nobody holds."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    uploaded(site, acme, "ann", outcome=Outcome.SKIPPED)
    candidates(site, acme, "ben")
    judge(site, acme, Verdict.RISKY, Reason.CATCH_ALL)
    fill(site)

    done = refill(site, bolt)

    assert (done.brought, dict(done.codes)) == (2, {})


def test_the_dead_and_the_unwanted_are_never_brought(site: Site) -> None:
    """Each is passed over with its code, whatever overlap is allowed."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    uploaded(site, acme, "rejected", outcome=Outcome.REJECTED)
    candidates(site, acme, "invalid")
    judge(site, acme, Verdict.INVALID, Reason.NO_SUCH_MAILBOX)
    site.contacts(acme, "bounced", "unsubscribed", "mine", "all")
    site.contacts(bolt, "mine")
    bounce(site, acme, "bounced")
    suppress(site, bolt, "unsubscribed")
    suppress(site, None, "all")
    fill(site)

    done = refill(site, bolt, overlap=Overlap(1))

    assert done.brought == 0
    assert dict(done.codes) == {
        RefillCode.REJECTED_BEFORE: 1,
        RefillCode.INVALID: 1,
        RefillCode.BOUNCED: 1,
        FilterCode.SUPPRESSED_EMAIL: 2,
        FilterCode.DUPLICATE_IN_WORKSPACE: 1,
    }


def test_a_mailbox_is_brought_once_ever(site: Site) -> None:
    """Also where the filter turned it down and the workspace is short again."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    site.contacts(acme, "ann")
    fill(site)
    assert refill(site, bolt, overlap=Overlap(1)).brought == 1
    with site.record.raw_page(bolt.id, limit=9) as page:
        page.close(
            [turned_down(row.id) for row in page.rows], [], rules_version=0, at=site.clock.now()
        )

    done = refill(site, bolt, overlap=Overlap(1))

    assert (done.brought, dict(done.codes)) == (0, {RefillCode.BROUGHT_BEFORE: 1})


def test_refills_at_once_share_one_run(site: Site) -> None:
    """Together they bring what is missing, and nothing twice."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=None)
    site.contacts(acme, *(f"p{number}" for number in range(12)))
    fill(site)

    at_once(*[partial(refill, site, bolt, target=7, overlap=Overlap(1), page_size=3)] * 4)

    assert len(held_by(site, bolt)) == len(set(held_by(site, bolt))) == 7
    assert sum(run.brought for run in site.record.refill_runs(bolt.id)) == 7


def test_refills_are_listed_the_newest_first(site: Site) -> None:
    """Page by page, those of the workspace."""
    now = site.clock.now()
    acme, bolt = site.workspace("acme"), site.workspace("bolt")
    site.record.begin_refill(acme.id, 9, by="pat", at=now)
    for asked in (1, 2):
        run = site.record.begin_refill(bolt.id, asked, by="pat", at=now)
        with site.record.refill_page(run.id, limit=1) as page:
            page.bring([], looked_at=[], codes={}, over=True, at=now)

    newest, oldest = site.record.refill_runs(bolt.id)
    assert (newest.asked, oldest.asked) == (2, 1)
    assert site.record.refill_runs(bolt.id, before=newest.id) == [oldest]
    assert site.record.refill_runs(bolt.id, limit=1) == [newest]


def test_a_refill_that_fails_brings_whole_pages_and_goes_on(site: Site) -> None:
    """The page in hand leaves nothing; the next refill takes the same run up."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=5)
    site.contacts(acme, *(f"p{number}" for number in range(5)))
    fill(site)
    now = site.clock.now()
    run = site.record.begin_refill(bolt.id, 5, by="sam", at=now)

    def fail() -> None:
        with site.record.refill_page(run.id, limit=2) as page:
            page.bring([], looked_at=page.contacts, codes={"x": 2}, over=True, at=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    done = refill(site, bolt, overlap=Overlap(1), page_size=2)
    assert (done.run_id, done.brought, dict(done.codes)) == (run.id, 5, {})


def test_an_overlap_is_set_as_it_was_seen_or_not_at_all(site: Site) -> None:
    """Of any number who saw that nothing was set, one sets it."""
    acme = site.workspace("acme")
    put = partial(site.record.set_overlap, acme.id, by="pat", at=site.clock.now())

    results = at_once(*(partial(put, Overlap(days), seen=Overlap()) for days in (1, 2, 3, 4)))

    refused = [each for each in results if isinstance(each, Conflict)]
    assert [each.code for each in refused] == ["changed_meanwhile"] * 3
    kept = site.record.overlap(acme.id)
    assert results[(kept.days or 0) - 1] is None
    put(Overlap(9), seen=kept)
    assert site.record.overlap(acme.id) == Overlap(9)


def test_an_overlap_is_set_and_replaced(site: Site) -> None:
    """Nobody set anything: no other workspace may hold what is brought."""
    acme = site.workspace("acme")
    now = site.clock.now()
    before = site.record.overlap(acme.id)
    site.record.set_overlap(acme.id, Overlap(90), by="pat", at=now)
    changed = site.record.overlap(acme.id)
    site.record.set_overlap(acme.id, Overlap(), by="pat", at=now)

    assert (before, changed, site.record.overlap(acme.id)) == (Overlap(), Overlap(90), Overlap())
    with pytest.raises(Missing, match="no such workspace"):
        site.record.set_overlap(99, Overlap(), by="pat", at=now)
    with pytest.raises(Missing, match="no such workspace"):
        site.record.begin_refill(99, 1, by="pat", at=now)


def test_the_list_begins_afresh(site: Site) -> None:
    """Emptied, it is told everything again; what was brought stays brought."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=1)
    uploaded(site, acme, "ann", outcome=Outcome.SKIPPED)
    fill(site)
    refill(site, bolt)

    again = fill(site, rebuild=True)

    assert (again.sightings, again.outcomes) == (1, 1)
    assert contact("ann").email in held_by(site, bolt)
    with site.record.trial_page(bolt.id, after=None, limit=9) as page:
        assert page.standing.brought == {address("ann")}
