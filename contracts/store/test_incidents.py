"""Incidents are born in the transaction of the fact, once each."""

from __future__ import annotations

import pytest

from contracts.store.site import IDENTITY, Site, at_once
from maverick_core.kernel.ids import batch_name
from maverick_core.notifications.incidents import IncidentKind
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchEvent
from maverick_core.pipeline.invariants.privacy import leaks
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import StaleWorker

REFUSED = End(BatchEvent.FAIL, "token_refused", "401", holds_workspace=True)
ONE_FAILED = [IncidentKind.BATCH_FAILED]
ONE_REFUSED = [IncidentKind.TOKEN_REFUSED]


def kinds(site: Site) -> list[IncidentKind]:
    """Return what was reported, the first one first."""
    return [each.kind for each in reversed(site.record.notifications(limit=99))]


def replace_token(site: Site, workspace_id: int) -> None:
    """Store another token, a second later."""
    site.clock.advance(1)
    site.record.store_token(workspace_id, "13|Other", IDENTITY, at=site.clock.now())


def test_a_failed_batch_is_one_incident_in_plain_words(site: Site) -> None:
    """What failed, why, how far it came, and what to do."""
    batch, members = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(members[0], 1)], rejected=[(members[1], "bad")]))
    site.record.finish(claim, End(BatchEvent.FAIL, "unavailable", "It did not work."))

    [told] = site.record.notifications(limit=9)
    assert (told.kind, told.batch_id, told.slug) == (IncidentKind.BATCH_FAILED, batch, "client-1")
    assert told.text.splitlines() == [
        f"Batch {batch_name(batch)} of client-1 failed · unavailable: It did not work.",
        "Contacts: 3. Uploaded 1, skipped 0, rejected 1, left 1.",
        "What to do: Wait until Email Bison works again; then re-queue.",
        f'See it with "maverick batches show {batch_name(batch)}".',
    ]


@pytest.mark.parametrize("event", [BatchEvent.FINISH, BatchEvent.HAND_BACK, BatchEvent.CANCEL])
def test_an_end_that_is_no_failure_is_no_incident(site: Site, event: BatchEvent) -> None:
    """People are told of what waits for them and of nothing else."""
    batch, members = site.batch("ann")
    claim = site.claim(batch)
    if event is BatchEvent.FINISH:
        site.accept(claim, members)
    site.end(claim, event)

    assert kinds(site) == []


def test_failing_again_after_a_requeue_is_a_new_incident(site: Site) -> None:
    """The fence moved; one message each."""
    batch, _ = site.batch("ann")
    for _ in range(2):
        site.end(site.claim(batch), BatchEvent.FAIL, "unavailable")
        site.record.requeue(batch, site.decision())

    assert kinds(site) == ONE_FAILED * 2


def test_a_batch_that_exhausted_its_claims_is_an_incident(site: Site) -> None:
    """The claim that finds it so reports it, once."""
    batch, _ = site.batch("ann")
    for _ in range(MAX_CLAIMS):
        site.claim(batch)
        site.leases_run_out()
    at_once(*[lambda: site.refusal(batch)] * 4)

    [told] = site.record.notifications(limit=9)
    assert (told.kind, told.batch_id) == (IncidentKind.BATCH_FAILED, batch)
    assert "too_many_claims" in told.text


def test_what_is_rolled_back_is_no_incident(site: Site) -> None:
    """The incident exists if and only if the fact does: a stale worker fails nothing."""
    batch, _ = site.batch("ann")
    stale = site.claim(batch)
    site.leases_run_out()
    site.claim(batch)
    with pytest.raises(StaleWorker):
        site.end(stale, BatchEvent.FAIL, "unavailable")

    assert kinds(site) == []


def test_a_refused_token_is_one_incident_whatever_number_of_batches_meet_it(site: Site) -> None:
    """Twenty uploads under way, one message; it names the batch that failed of it."""
    acme = site.workspace()
    contacts = site.contacts(acme, *(f"p{n}" for n in range(20)))
    claims = [site.claim(batch) for batch in site.plan(acme, *([each] for each in contacts))]
    for claim in claims:
        site.record.finish(claim, REFUSED)
    site.refuse_token(acme.id)

    [told] = site.record.notifications(limit=99)
    assert (told.kind, told.batch_id) == (IncidentKind.TOKEN_REFUSED, claims[0].batch_id)
    assert batch_name(claims[0].batch_id) in told.text
    assert "acme" in told.text


def test_a_token_that_a_test_finds_refused_is_one_incident(site: Site) -> None:
    """However often it is tested."""
    acme = site.workspace()
    site.refuse_token(acme.id)
    site.refuse_token(acme.id)

    assert kinds(site) == ONE_REFUSED


def test_a_refusal_of_a_token_that_was_replaced_is_none(site: Site) -> None:
    """The good one does not pay for the one before."""
    acme = site.workspace()
    before = site.token_set_at(acme.id)
    replace_token(site, acme.id)
    assert before
    site.record.refuse_token(acme.id, set_at=before, at=site.clock.now())

    assert kinds(site) == []


def test_a_good_token_ends_the_incident_once(site: Site) -> None:
    """Storing another one after that is no news, and neither is the first one ever."""
    acme = site.workspace()
    site.refuse_token(acme.id)
    replace_token(site, acme.id)
    replace_token(site, acme.id)

    assert kinds(site) == [*ONE_REFUSED, IncidentKind.TOKEN_GOOD_AGAIN]


def test_a_second_refusal_is_a_new_incident_with_an_end_of_its_own(site: Site) -> None:
    """Another token, another story."""
    acme = site.workspace()
    for _ in range(2):
        site.refuse_token(acme.id)
        replace_token(site, acme.id)

    assert kinds(site) == [*ONE_REFUSED, IncidentKind.TOKEN_GOOD_AGAIN] * 2


def test_no_message_holds_a_person_or_a_secret(site: Site) -> None:
    """Even where the destination's words quote one."""
    canaries = {"token": "12|CaNaRyToKeN", "e-mail": "canary@agency.example"}
    acme = site.workspace(token=canaries["token"])
    batches = site.plan(acme, *([each] for each in site.contacts(acme, "canary", "bob")))
    said = f"Lead {canaries['e-mail']} with {canaries['token']}\nis bad."
    site.record.finish(site.claim(batches[0]), End(BatchEvent.FAIL, "refused", said))
    site.record.finish(site.claim(batches[1]), REFUSED)
    replace_token(site, acme.id)

    told = site.record.notifications(limit=9)
    assert len(told) == 3
    assert [leaks(each.text, canaries) for each in told] == [[], [], []]
