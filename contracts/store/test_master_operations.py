"""Fills and refills that somebody asks for: done once by a worker, with what came of it."""

from __future__ import annotations

import pytest

from contracts.store.catalogue import held_by, refilling
from contracts.store.site import Site
from maverick_core.kernel.errors import Missing, Rejected
from maverick_core.operations.rules import OperationKind, OperationState
from maverick_core.operations.service import RunOperation
from maverick_core.pipeline.master_fill.filling import FillMaster
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.master_fill.request import (
    FillAsRequested,
    RefillAsRequested,
    RequestFill,
    RequestRefill,
)


def worker(site: Site) -> RunOperation:
    """Return what does operations of the list."""
    record = site.record
    return RunOperation(
        record,
        {
            OperationKind.FILL_MASTER: FillAsRequested(FillMaster(record, record), record),
            OperationKind.REFILL_WORKSPACE: RefillAsRequested(refilling(site), record),
        },
    )


def test_a_fill_and_a_refill_are_done_as_asked(site: Site) -> None:
    """What each came to is on record; a second worker finds it over."""
    acme, bolt = site.workspace("acme"), site.workspace("bolt", target=3)
    site.contacts(acme, "ann", "ben", "cleo")
    site.record.set_overlap(bolt.id, Overlap(9), by="pat", at=site.clock.now())
    request = RequestRefill(site.record, site.record, site.clock)
    fill = RequestFill(site.record, site.clock)(by="pat")
    refill = request(bolt.slug, limit=2, by="pat")

    ends = [worker(site)(each.id, worker="w") for each in (fill, refill, refill)]

    assert ends == ["succeeded", "succeeded", "over"]
    assert site.record.operation(fill.id).result == {"sightings": 3, "outcomes": 0}
    done = site.record.operation(refill.id)
    assert (done.state, done.done) == (OperationState.SUCCEEDED, 2)
    assert done.result == {"short": 3, "brought": 2, "looked_at": 2}
    assert len(held_by(site, bolt)) == 2


def test_a_refill_without_a_target_fails_with_the_reason(site: Site) -> None:
    """Nothing says how many are missing; what can be seen at once is refused at once."""
    bolt = site.workspace("bolt", target=None)
    request = RequestRefill(site.record, site.record, site.clock)
    asked = request(bolt.slug, by="pat")

    assert worker(site)(asked.id, worker="w") == "target_missing"
    with pytest.raises(Rejected, match="less than one"):
        request(bolt.slug, limit=0, by="pat")
    with pytest.raises(Missing, match="nobody"):
        request("nobody", by="pat")
