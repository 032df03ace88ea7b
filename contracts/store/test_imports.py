"""``Imports``, ``ImportFiles`` and ``WaitingImports``: files, their states, and who is told."""

from __future__ import annotations

import pytest

from contracts.machines.importing import ImportRig
from contracts.store.site import Site, at_once
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.raw_import.rules import (
    KEPT,
    ImportClaim,
    ImportState,
    Reading,
    import_work,
)

LIST = b"Email,First Name\nann@oak.example,Ann\nbob@oak.example,Bob\n"
READING = Reading("cp1252", ";", {"A column": "email"}, ("Policy Type",))


def test_a_file_comes_back_as_it_was_sent(site: Site) -> None:
    """From any byte on; a part at the wrong place, or too long, is not taken."""
    rig = ImportRig(site)
    found = rig.uploading(LIST)
    record = site.record
    received = [record.add_part(found.id, *part) for part in ((0, LIST[:9]), (4, b"x"), (9, LIST))]
    received.append(record.add_part(found.id, 9, LIST[9:]))

    assert received == [9, 9, 9, len(LIST)]
    for start in (0, 5, 9, 20, len(LIST)):
        whole = b""
        while part := record.part(found.id, start + len(whole)):
            whole += part
        assert whole == LIST[start:]


def test_a_start_settles_how_the_file_is_read_and_announces_it_once(site: Site) -> None:
    """Only what is ready is started; the claim takes the announcement away."""
    rig = ImportRig(site)
    found, now = rig.taken(LIST), site.clock.now()
    with pytest.raises(Conflict):
        site.record.start_import(rig.uploading(LIST).id, READING, at=now)
    site.record.start_import(found.id, READING, at=now)
    with pytest.raises(Conflict):
        site.record.start_import(found.id, READING, at=now)

    [told] = site.record.take_announcements(limit=9, hold_seconds=1)
    work = import_work(found.id, 0)
    assert (told.queue, told.actor, told.arg) == (work.queue, work.actor, found.id)
    claim = site.record.claim_import(found.id, worker="worker-1", lease_seconds=60)
    assert isinstance(claim, ImportClaim)
    assert claim.reading == rig.now(found).reading == READING
    assert site.record.announce_imports(patience_seconds=60, limit=9) == 0


def test_of_many_workers_one_has_the_import(site: Site) -> None:
    """The others are told that it is busy; nobody is, when the lease has ended."""
    found = ImportRig(site).started(LIST)

    def claim() -> ImportClaim | str:
        return site.record.claim_import(found.id, worker="worker", lease_seconds=60)

    claims = at_once(*[claim] * 5)
    assert sorted(each for each in claims if isinstance(each, str)) == ["busy"] * 4
    assert site.record.waiting_imports(limit=9) == []
    site.leases_run_out()
    assert site.record.waiting_imports(limit=9) == [found.id]
    assert site.record.announce_imports(patience_seconds=60, limit=9) == 1


def test_a_cancelled_import_has_no_file_and_is_told_to_nobody(site: Site) -> None:
    """And a file that was kept long enough goes too."""
    rig = ImportRig(site)
    cancelled, done = rig.started(LIST), rig.imported(LIST)
    site.record.cancel_import(cancelled.id, at=site.clock.now())

    assert rig.now(cancelled).state is ImportState.CANCELLED
    assert rig.worker()(cancelled.id, worker="worker-1") == "over"
    assert site.record.take_announcements(limit=9, hold_seconds=1) == []
    assert site.record.forget_files(before=site.clock.now() - KEPT) == 0
    assert site.record.forget_files(before=site.clock.now()) == 1
    for each in (cancelled, done):
        with pytest.raises(Missing):
            site.record.part(each.id, 0)


def test_imports_are_listed_newest_first_a_workspace_for_itself(site: Site) -> None:
    """Those of verified lists among them; another workspace's do not exist."""
    acme, zeta = ImportRig(site), ImportRig(site, slug="zeta")
    first, foreign, last = acme.taken(LIST), zeta.taken(LIST), acme.taken(LIST)

    found = site.record.imports(acme.workspace_id)
    assert [each.id for each in found] == [last.id, first.id]
    assert site.record.imports(acme.workspace_id, before=last.id) == [first]
    with pytest.raises(Missing):
        site.record.import_of(acme.workspace_id, foreign.id)
