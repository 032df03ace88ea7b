"""Stop dead at every step of an import, start again, and look what became of every row."""

from __future__ import annotations

from itertools import count
from typing import Final

import pytest

from contracts.machines.importing import ImportRig, crashing
from contracts.machines.mortal import Killed
from contracts.store.site import Site, SiteFactory
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.raw_import.rules import Import, ImportState

LIST: Final = b"""Email,First Name,Company
ann@oak.example,Ann,Oak
bob@oak.example,Bob
"Two
lines",Eve,Elm
,,
Email,First Name,Company
cyd@elm.example,Cyd,"Elm, Ltd"
dee@elm.example,Dee,Elm
"""


def rows(site: Site, found: Import) -> list[tuple[int, str | None]]:
    """Return what is on record of the import, in the order it came."""
    waiting = site.record.judged(found.workspace_id, after=0, limit=100, waiting=True)
    return [
        (raw.row_number, raw.email)
        for raw, _ in waiting
        if raw.origin == (OriginKind.CSV_IMPORT, found.id)
    ]


@pytest.mark.parametrize("database", ["memory", "sqlite", "postgres"])
def test_whatever_step_a_worker_dies_at_no_row_is_lost_or_there_twice(
    request: pytest.FixtureRequest, database: str
) -> None:
    """Dying at every step of the record, one after the other, covers every state it can leave."""
    sites: SiteFactory = request.getfixturevalue(f"{database}_sites")
    undisturbed = ImportRig(sites())
    first = undisturbed.started(LIST)
    undisturbed.worker()(first.id, worker="worker-1")
    expected = rows(undisturbed.site, first), undisturbed.now(first).rejected

    for moment in count(1):
        rig = ImportRig(sites())
        found = rig.started(LIST)
        worker, life = crashing(rig, moment)
        try:
            worker(found.id, worker="worker-1")
        except Killed:
            rig.site.leases_run_out()
        code = rig.worker()(found.id, worker="worker-2")

        ended = rig.now(found)
        assert code in {"done", "over"}, moment
        assert ended.state is ImportState.DONE, moment
        assert (rows(rig.site, found), ended.rejected) == expected, moment
        assert rig.broken() == [], moment
        if not life.struck:
            break

    assert moment > 2 * len(expected[0]) / rig.page_rows + 4


def test_a_page_that_kills_whoever_reads_it_does_not_kill_for_ever(site: Site) -> None:
    """After five workers of which none got a page done, the import has failed and says so."""
    rig = ImportRig(site)
    found = rig.started(LIST)
    for _ in range(5):
        worker, _ = crashing(rig, 3)
        with pytest.raises(Killed):
            worker(found.id, worker="worker-1")
        site.leases_run_out()

    assert rig.worker()(found.id, worker="worker-6") == "too_many_claims"
    ended = rig.now(found)
    assert ended.state is ImportState.FAILED
    assert "5 workers" in ended.why


def test_a_worker_whose_lease_ran_out_adds_nothing(site: Site) -> None:
    """The fence keeps out whoever was frozen while another one went on."""
    rig = ImportRig(site)
    found = rig.started(LIST)
    frozen = site.record.claim_import(found.id, worker="worker-1", lease_seconds=60)
    assert not isinstance(frozen, str)
    site.leases_run_out()
    assert rig.worker()(found.id, worker="worker-2") == "done"
    before = rows(site, found)

    class Frozen:
        """Has the claim of long ago."""

        def __getattr__(self, name: str) -> object:
            return getattr(site.record, name)

        def claim_import(self, _id: int, **_: object) -> object:
            return frozen

    assert rig.worker(Frozen())(found.id, worker="worker-1") == "taken"  # type: ignore[arg-type]
    assert rows(site, found) == before
