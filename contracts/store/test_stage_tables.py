"""``StageTables``: what waits in front of each stage, and only that."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.machines.importing import ImportRig
from contracts.store.catalogue import address, candidates, judge
from contracts.store.site import LEASE, NOVEMBER, Site
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.filtering.codes import FilterCode
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.onward.rules import Waiting
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.scraping.rules import RunState
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.stages import Stage
from maverick_core.pipeline.verification.verdicts import Reason, Verdict
from maverick_core.workspaces.rules import Workspace

RUN = Origin(OriginKind.SCRAPE_RUN, 1)
LIST = b"Email,First Name\nann@oak.example,Ann\n"


def waiting(site: Site, stage: Stage, *slugs: str) -> Sequence[Waiting]:
    """Return what waits of these, or of all."""
    whose = [each for each in site.record.workspaces() if not slugs or each.slug in slugs]
    now = site.clock.now()
    looked = site.record.waiting(stage, whose, at=now, move_marks=False)
    assert site.record.waiting(stage, whose, at=now, move_marks=True) == looked
    return looked


def bring_raw(site: Site, workspace: Workspace, *names: str) -> None:
    """Add raw contacts."""
    rows = [NewRaw(at, email=address(name)) for at, name in enumerate(names, start=1)]
    site.record.add_raw(workspace.id, RUN, rows, at=site.clock.now())


def turn_down(site: Site, workspace: Workspace, *, limit: int) -> None:
    """Filter the next raw contacts out."""
    with site.record.raw_page(workspace.id, limit=limit) as page:
        verdicts = [Judgement(row.id, FilterCode.ROLE_ACCOUNT, "") for row in page.rows]
        page.close(verdicts, [], rules_version=0, at=site.clock.now())


def add_source(site: Site, workspace: Workspace, name: str) -> int:
    """Put a source on record."""
    source = parse_source({"name": name, "start": ["https://directory.example/"]})
    return site.record.put_source(workspace.id, source, by="pat", at=site.clock.now())


@pytest.mark.parametrize("stage", Stage)
def test_nothing_waits_of_who_has_nothing(site: Site, stage: Stage) -> None:
    """Also where there is no workspace at all."""
    assert list(waiting(site, stage)) == []

    site.workspace()

    assert list(waiting(site, stage)) == []


def test_a_source_waits_until_it_was_run_and_while_nobody_has_its_run(site: Site) -> None:
    """By its name; one that is over does not wait."""
    acme = site.workspace()
    second, first = add_source(site, acme, "second"), add_source(site, acme, "first")
    assert waiting(site, Stage.SCRAPING) == [
        Waiting(acme.id, first, "first"),
        Waiting(acme.id, second, "second"),
    ]

    begun = site.clock.now()
    run_id = site.record.begin_run(first, at=begun)
    open_ = Waiting(acme.id, first, "first", begun)
    assert waiting(site, Stage.SCRAPING)[0] == open_

    run = site.record.claim_run(run_id, worker="worker-1", lease_seconds=LEASE)
    assert [each.name for each in waiting(site, Stage.SCRAPING)] == ["second"]

    site.leases_run_out()
    assert waiting(site, Stage.SCRAPING)[0] == open_

    run = site.record.claim_run(run_id, worker="worker-2", lease_seconds=LEASE)
    site.record.end_run(run, RunState.DONE, "", at=site.clock.now())  # type: ignore[arg-type]
    assert [each.name for each in waiting(site, Stage.SCRAPING)] == ["second"]


def test_an_import_is_under_way_from_its_start_to_its_end(site: Site) -> None:
    """Whether a worker has it or not; the oldest of them."""
    rig = ImportRig(site)
    rig.taken(LIST)
    assert list(waiting(site, Stage.IMPORT)) == []

    first, second = rig.started(LIST), rig.started(LIST)
    site.record.claim_import(first.id, worker="worker-1", lease_seconds=LEASE)
    (found,) = waiting(site, Stage.IMPORT)
    assert (found.id, found.name) == (first.id, "list.csv")

    site.record.cancel_import(first.id, at=site.clock.now())
    (found,) = waiting(site, Stage.IMPORT)
    assert found.id == second.id


def test_raw_contacts_wait_until_each_has_a_verdict(site: Site) -> None:
    """Page by page, and again with the next one that comes."""
    acme, zeta = site.workspace(), site.workspace("zeta")
    bring_raw(site, acme, "ann", "bob", "cy")
    bring_raw(site, zeta, "di")

    assert waiting(site, Stage.FILTERING) == [Waiting(acme.id), Waiting(zeta.id)]
    turn_down(site, acme, limit=2)
    assert waiting(site, Stage.FILTERING, "acme") == [Waiting(acme.id)]
    turn_down(site, acme, limit=2)
    assert waiting(site, Stage.FILTERING) == [Waiting(zeta.id)]
    bring_raw(site, acme, "eve")
    assert waiting(site, Stage.FILTERING, "acme") == [Waiting(acme.id)]


def test_candidates_wait_until_each_has_a_verdict(site: Site) -> None:
    """Wherever the mark is, and again when a verdict is taken back."""
    acme, zeta = site.workspace(), site.workspace("zeta")
    candidates(site, acme, "ann", "bob")
    candidates(site, zeta, "cy")

    assert waiting(site, Stage.VERIFICATION) == [Waiting(acme.id), Waiting(zeta.id)]
    judge(site, acme, Verdict.UNKNOWN, Reason.NO_ANSWER)
    assert waiting(site, Stage.VERIFICATION) == [Waiting(zeta.id)]
    site.record.first_waiting(acme.id)
    candidates(site, acme, "di")
    assert waiting(site, Stage.VERIFICATION, "acme") == [Waiting(acme.id)]
    site.clock.advance(1)
    judge(site, acme, Verdict.VALID, Reason.MAILBOX_EXISTS)
    site.clock.advance(10 * 365 * 86_400)
    site.record.wait_again(acme.id, [Verdict.UNKNOWN], at=site.clock.now())
    assert waiting(site, Stage.VERIFICATION, "acme") == [Waiting(acme.id)]


def test_free_contacts_wait_with_the_room_of_the_month_that_it_is_there(site: Site) -> None:
    """Without a target the room is not known; one of another month is none."""
    acme, zeta = site.workspace(target=3), site.workspace("zeta", target=None)
    members = site.contacts(acme, "ann", "bob", "cy", "di")
    site.contacts(zeta, "ann")
    site.record.set_target(zeta.id, NOVEMBER.next(), 9, at=site.clock.now())

    assert waiting(site, Stage.BATCHING) == [
        Waiting(acme.id, contacts=4, room=3),
        Waiting(zeta.id, contacts=1, room=None),
    ]
    site.plan(acme, members[:2])
    assert waiting(site, Stage.BATCHING, "acme") == [Waiting(acme.id, contacts=2, room=1)]
    site.plan(acme, members[2:])
    assert list(waiting(site, Stage.BATCHING, "acme")) == []


def test_what_an_import_brought_raw_is_not_free_yet(site: Site) -> None:
    """The filter and verification come first; then it is counted once."""
    rig = ImportRig(site)
    rig.imported(LIST)
    acme = site.record.workspace("acme")

    assert site.record.supply(acme.id) == 0
    assert list(waiting(site, Stage.BATCHING)) == []
    judge(site, acme, Verdict.VALID, Reason.MAILBOX_EXISTS)
    assert site.record.supply(acme.id) == 1
    assert waiting(site, Stage.BATCHING) == [Waiting(acme.id, contacts=1, room=10_000)]


def test_batches_wait_until_they_are_uploaded_or_failed(site: Site) -> None:
    """The oldest one says its name."""
    acme = site.workspace()
    members = site.contacts(acme, "ann", "bob")
    first, second = site.plan(acme, members[:1], members[1:])

    found = waiting(site, Stage.UPLOAD)
    assert [(each.workspace_id, each.id) for each in found] == [(acme.id, first)]
    site.end(site.claim(first), BatchEvent.FAIL, "unavailable")
    assert [each.id for each in waiting(site, Stage.UPLOAD)] == [second]
    site.end(site.claim(second), BatchEvent.FAIL, "unavailable")
    assert list(waiting(site, Stage.UPLOAD)) == []


def test_only_who_is_asked_about_is_looked_at(site: Site) -> None:
    """Of nobody nothing waits."""
    bring_raw(site, site.workspace(), "ann")
    site.workspace("zeta")

    assert list(waiting(site, Stage.FILTERING, "zeta")) == []
    now = site.clock.now()
    assert list(site.record.waiting(Stage.FILTERING, [], at=now, move_marks=True)) == []
