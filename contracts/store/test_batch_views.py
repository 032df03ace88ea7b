"""``BatchViews``: what people see of batches and contacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.store.site import Site, contact
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.batch import BatchEvent, BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.views import BatchView, MemberView, ReasonCount

ANN = contact("ann").email


def test_a_batch_shows_its_sums(site: Site) -> None:
    """``accepted`` has the not attachable ones in; what has an outcome is settled."""
    batch, members = site.batch("ann", "bob", "cy", "di", campaign_id=42)
    claim = site.claim(batch)
    site.send(claim)
    outcomes = Settle(
        0,
        accepted=[(members[0], 11), (members[1], 12)],
        skipped=[members[2]],
        rejected=[(members[3], "bounced")],
        settled=True,
    )
    site.settle(claim, outcomes)
    site.settle(claim, Settle(0, not_attachable=[(members[1], "elsewhere")], attached=True))

    view = site.record.batch(batch)

    assert view == BatchView(
        id=batch,
        slug="client-1",
        month="2026-11",
        state=BatchState.UPLOADING,
        contacts=4,
        accepted=2,
        skipped=1,
        rejected=1,
        not_attachable=1,
        fence=1,
        claims=1,
        worker="worker-1",
        lease_until=view.lease_until,
        failure_code="",
        failure_detail="",
        cancel_requested=False,
        hold=None,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
    assert view.settled == 4
    assert view.created_at <= view.updated_at
    assert view.created_at.utcoffset() is not None


def test_an_unknown_batch_is_missing(site: Site) -> None:
    """Absence is the domain's ``Missing``."""
    with pytest.raises(Missing) as refused:
        site.record.batch(999_999)

    assert refused.value.code == "batch_missing"


def test_a_history_is_told_from_its_beginning(site: Site) -> None:
    """A worker that died left an attempt without an end."""
    batch, _ = site.batch("ann")
    site.claim(batch, "worker-1")
    site.leases_run_out()
    site.end(site.claim(batch, "worker-2"), BatchEvent.FAIL, "unavailable")
    site.record.requeue(batch, site.decision("first"))
    site.record.cancel(batch, site.decision("second"))

    attempts, decisions = site.record.history(batch)

    assert [(row.fence, row.worker, row.result) for row in attempts] == [
        (1, "worker-1", ""),
        (2, "worker-2", "fail"),
    ]
    assert attempts[0].ended_at is None
    assert [(row.action, row.reason) for row in decisions] == [
        ("requeue", "first"),
        ("cancel", "second"),
    ]


def test_members_are_listed_in_their_frozen_order_with_what_became_of_them(site: Site) -> None:
    """And found by their state."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(cy, 13)], rejected=[(ann, "bounced")]))

    members = list(site.record.members(batch))

    emails = [contact(name).email for name in ("ann", "bob", "cy")]
    assert members == [
        MemberView(0, ann, emails[0], ContactState.REJECTED, None, "bounced"),
        MemberView(1, bob, emails[1], ContactState.IN_DOUBT, None, ""),
        MemberView(2, cy, emails[2], ContactState.UPLOADED, 13, ""),
    ]
    for member in members:
        assert list(site.record.members(batch, states={member.state})) == [member]


def test_members_are_read_from_any_position_on(site: Site) -> None:
    """A page goes on behind the last position of the page before."""
    batch, _ = site.batch("ann", "bob", "cy", "di")
    everybody = list(site.record.members(batch))

    assert [member.position for member in everybody] == [0, 1, 2, 3]
    assert list(site.record.members(batch, limit=2)) == everybody[:2]
    assert list(site.record.members(batch, after=1, limit=1)) == everybody[2:3]
    assert list(site.record.members(batch, after=3)) == []


def test_reasons_are_counted_the_most_frequent_first(site: Site) -> None:
    """Of everybody who was not taken or not attached; the others have no reason."""
    batch, (ann, bob, cy, di) = site.batch("ann", "bob", "cy", "di")
    claim = site.claim(batch)
    site.send(claim)
    rejected = [(ann, "bounced"), (cy, "bounced")]
    site.settle(claim, Settle(0, accepted=[(di, 14)], rejected=rejected, skipped=[bob]))

    first, second = site.record.reasons(batch)

    assert first == ReasonCount(ContactState.REJECTED, "bounced", 2)
    assert (second.state, second.contacts) == (ContactState.SKIPPED, 1)


def test_the_version_of_a_batch_moves_with_every_change(site: Site) -> None:
    """So that what a person decides on is what they saw."""
    batch, members = site.batch("ann")
    versions = [site.record.batch(batch).version]
    claim = site.claim(batch)
    versions.append(site.record.batch(batch).version)
    steps: list[Callable[[], None]] = [
        lambda: site.accept(claim, members),
        lambda: site.end(claim, BatchEvent.FAIL, "unavailable"),
        lambda: site.record.requeue(batch, site.decision()),
    ]
    for step in steps:
        site.clock.advance(1)
        step()
        versions.append(site.record.batch(batch).version)

    assert len(set(versions)) == len(versions)


def test_a_released_member_is_verified_wherever_it_went_since(site: Site) -> None:
    """A batch tells what it knows, so that no contact is listed as uploaded twice."""
    batch, members = site.batch("ann")
    site.record.cancel(batch, site.decision())
    [acme] = site.record.workspaces()
    [again] = site.plan(acme, members)
    site.accept(site.claim(again), members)

    [before], [now] = site.record.members(batch), site.record.members(again)

    assert (before.state, before.lead_id) == (ContactState.VERIFIED, None)
    assert (now.state, now.lead_id) == (ContactState.UPLOADED, 1_000 + members[0])


@pytest.mark.parametrize(
    ("settlement", "state"),
    [
        ({}, ContactState.IN_DOUBT),
        ({"accepted": 11}, ContactState.UPLOADED),
        ({"skipped": None}, ContactState.SKIPPED),
        ({"rejected": "bounced"}, ContactState.REJECTED),
    ],
)
def test_a_trace_ends_where_the_contact_is(
    site: Site, settlement: dict[str, object], state: ContactState
) -> None:
    """It names the batch and tells each step, the oldest first."""
    batch, (ann,) = site.batch("ann")
    claim = site.claim(batch)
    site.send(claim)
    outcomes = {
        kind: [ann] if value is None else [(ann, value)] for kind, value in settlement.items()
    }
    site.settle(claim, Settle(0, **outcomes, settled=bool(outcomes)))  # type: ignore[arg-type]

    trace = site.record.trace(site.workspace_id(batch), ANN)

    assert (trace.contact_id, trace.email) == (ann, ANN)
    assert (trace.state, trace.batch_id) == (state, batch)
    instants = [step.at for step in trace.steps if step.at]
    assert instants == sorted(instants)
    assert any("list.csv" in step.detail for step in trace.steps)
    assert any(f"B-{batch:06d}" in step.detail for step in trace.steps)
    assert all(step.what for step in trace.steps)


def test_a_trace_of_a_free_contact_names_no_batch(site: Site) -> None:
    """Neither before its first batch nor after a cancelled one, whose steps it still tells."""
    acme = site.workspace()
    members = site.contacts(acme, "ann")
    before = site.record.trace(acme.id, ANN)
    [batch] = site.plan(acme, members)
    batched = site.record.trace(acme.id, ANN)
    site.record.cancel(batch, site.decision())

    after = site.record.trace(acme.id, ANN)

    assert (before.state, before.batch_id) == (ContactState.VERIFIED, None)
    assert (batched.state, batched.batch_id) == (ContactState.BATCHED, batch)
    assert (after.state, after.batch_id) == (ContactState.VERIFIED, None)
    assert len(before.steps) < len(batched.steps) < len(after.steps)


def test_a_trace_says_why_a_contact_is_not_in_the_campaign(site: Site) -> None:
    """The reason that the destination gave is the last word."""
    batch, members = site.batch("ann", campaign_id=42)
    claim = site.claim(batch)
    site.accept(claim, members)
    site.settle(claim, Settle(0, not_attachable=[(members[0], "in a sequence")], attached=True))

    trace = site.record.trace(site.workspace_id(batch), ANN)

    assert trace.state is ContactState.NOT_ATTACHABLE
    assert "in a sequence" in trace.steps[-1].detail


def test_a_trace_of_nobody_is_missing(site: Site) -> None:
    """So is that of another workspace's contact."""
    site.batch("ann")
    zeta = site.workspace("zeta")

    with pytest.raises(Missing) as refused:
        site.record.trace(zeta.id, ANN)

    assert refused.value.code == "contact_missing"
