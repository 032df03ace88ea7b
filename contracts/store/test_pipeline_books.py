"""``PipelineBooks`` and ``RawTraces``: where everybody is, and how they came there."""

from __future__ import annotations

import pytest

from contracts.store.site import Site
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.audit.rules import Buckets, differences
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.ports import Candidate, Verdict
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Reason
from maverick_core.pipeline.verification.verdicts import Verdict as MailVerdict
from maverick_core.workspaces.rules import Workspace


def brought(site: Site, workspace: Workspace, *names: str) -> None:
    """Bring raw contacts called ``names`` in a list."""
    at = site.clock.now()
    import_id = site.record.begin_import(workspace.id, "spring.csv", at=at)
    rows = [NewRaw(n, email=f" {name}@Agency.example ") for n, name in enumerate(names, 2)]
    site.record.add_raw(workspace.id, Origin(OriginKind.CSV_IMPORT, import_id), rows, at=at)


def judged(site: Site, workspace: Workspace, *names: str) -> None:
    """Keep the raw contacts called ``names``, and filter all others that wait."""
    with site.record.raw_page(workspace.id, limit=100) as page:
        kept = {
            row.id: name for row in page.rows for name in names if f" {name}@" in f"{row.email}"
        }
        verdicts = [
            Verdict(row.id, KEPT if row.id in kept else FilterCode.ROLE_ACCOUNT, "")
            for row in page.rows
        ]
        candidates = [
            Candidate(id_, f"{name}@agency.example", name.title(), *[None] * 8)
            for id_, name in kept.items()
        ]
        page.close(verdicts, candidates, rules_version=3, at=site.clock.now())


def verified(site: Site, workspace: Workspace, *names: str) -> None:
    """Find the mailboxes of ``names`` good, and those of all others that wait not to exist."""
    at = site.clock.now()
    with site.record.candidate_page(workspace.id, after=0, limit=100, at=at) as page:
        page.settle(
            [
                Settled(each.id, MailVerdict.VALID, Reason.MAILBOX_EXISTS, mailable=True)
                if each.email.partition("@")[0] in names
                else Settled(each.id, MailVerdict.INVALID, Reason.NO_SUCH_MAILBOX, mailable=False)
                for each in page.waiting
            ]
        )


def test_an_empty_workspace_is_whole(site: Site) -> None:
    """With nothing in any bucket."""
    workspace = site.workspace()

    buckets = site.record.buckets(workspace.id)

    assert buckets == Buckets("acme", 0, 0, {}, 0, 0, 0, {}, 0, 0, 0, {})
    assert site.record.strays(workspace.id, limit=5) == []


def test_a_workspace_that_is_not_there_has_no_books(site: Site) -> None:
    """It is missing, not empty."""
    with pytest.raises(Missing):
        site.record.buckets(4711)


def test_everybody_is_in_one_bucket_at_every_stage(site: Site) -> None:
    """From the list to Email Bison; another workspace's people are in none of them."""
    workspace, other = site.workspace(), site.workspace("zenith")
    brought(site, other, "ann")
    brought(site, workspace, "ann", "bob", "cy", "dee", "eve")
    judged(site, workspace, "ann", "bob", "cy", "dee")
    brought(site, workspace, "flo")
    verified(site, workspace, "ann", "bob", "cy")
    free = site.contacts(workspace, "gus", "hal")
    ids = site.ids(workspace)
    batch_id = site.plan(workspace, [ids["ann@agency.example"], ids["bob@agency.example"]])[0]
    claim = site.claim(batch_id)
    site.send(claim)

    buckets = site.record.buckets(workspace.id)

    assert list(differences(buckets)) == []
    assert buckets == Buckets(
        slug="acme",
        raw=6,
        raw_waiting=1,
        filtered={FilterCode.ROLE_ACCOUNT: 1},
        kept=4,
        candidates=4,
        candidates_waiting=0,
        not_mailable={"invalid/no_such_mailbox": 1},
        mailable=3,
        brought_verified=len(free),
        contacts=5,
        states={ContactState.IN_DOUBT: 2, ContactState.VERIFIED: 3},
    )
    assert site.record.strays(workspace.id, limit=5) == []


def test_a_mailbox_that_a_verified_list_brought_too_is_counted_once(site: Site) -> None:
    """As the candidate that it was."""
    workspace = site.workspace()
    brought(site, workspace, "ann")
    judged(site, workspace, "ann")
    site.contacts(workspace, "ann", "bob")
    verified(site, workspace, "ann")

    buckets = site.record.buckets(workspace.id)

    assert (buckets.mailable, buckets.brought_verified, buckets.contacts) == (1, 1, 2)
    assert list(differences(buckets)) == []


def test_the_way_of_a_mailbox_is_told_from_where_it_was_found(site: Site) -> None:
    """However it was written there; twice where it was found twice."""
    workspace = site.workspace()
    brought(site, workspace, "ann", "bob")
    judged(site, workspace, "ann")
    verified(site, workspace, "ann")
    brought(site, workspace, "ann")

    way = site.record.raw_trace(workspace.id, "ann@agency.example")

    assert [step.what for step in way] == ["found", "kept", "verified", "found"]
    assert way[0].detail == "row 2 of spring.csv"
    assert way[1].detail == "by rules of version 3"
    assert "mailbox_exists" in way[2].detail
    filtered = site.record.raw_trace(workspace.id, "bob@agency.example")
    assert [step.what for step in filtered] == ["found", "filtered"]
    assert filtered[1].detail.startswith(f"{FilterCode.ROLE_ACCOUNT}, by rules of version 3")
    assert site.record.raw_trace(workspace.id, "cy@agency.example") == []
