"""Stop dead at every step of an upload, start again, and look what became of every contact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

import pytest

from contracts.bison.stub import Fault
from contracts.machines.rig import Rig, rig
from contracts.store.site import SiteFactory, contact
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import Outcome

# Three chunks of two; one contact is skipped, one refused, one will not go into the campaign.
PEOPLE: Final = ("ann", "bob", "cyd", "dee", "eve", "fay")
SKIPPED, REFUSED, UNATTACHABLE = (contact(name).email for name in ("bob", "cyd", "fay"))
STEPS: Final = {
    "claim", "mark_sent", "push", "attach", "listen", "settle", "pause", "finish"
}  # fmt: skip


@contextmanager
def scene(sites: SiteFactory, *, campaign: bool) -> Iterator[tuple[Rig, int]]:
    """Set a batch up that meets a refusal, a silent skip and a 429."""
    with rig(sites(chunk_size=2), campaign=campaign) as made:
        made.stub.refuse(REFUSED)
        made.stub.script(Fault("skip_rows", emails=frozenset({SKIPPED})))
        made.stub.script(Fault("refuse_attach", emails=frozenset({UNATTACHABLE})))
        made.stub.script(Fault("rate_limited", path="/api/leads/*", nth=4, times=1, retry_after=1))
        batches = made.plan([contact(name) for name in PEOPLE], batch_size=len(PEOPLE))
        yield made, batches[0]


def outcomes(made: Rig) -> dict[str, Outcome]:
    """Return what became of everybody, by e-mail."""
    now = made.site.record.snapshot()
    return {now.contact[row.contact_id].email: row.outcome for row in now.outcomes}


def expected(*, campaign: bool) -> dict[str, Outcome]:
    """Return what an upload without a crash records."""
    emails = {contact(name).email: Outcome.ACCEPTED for name in PEOPLE}
    emails |= {SKIPPED: Outcome.SKIPPED, REFUSED: Outcome.REJECTED}
    return emails | ({UNATTACHABLE: Outcome.NOT_ATTACHABLE} if campaign else {})


@pytest.mark.parametrize("campaign", [False, True], ids=["leads only", "with a campaign"])
@pytest.mark.parametrize("database", ["memory", "sqlite", "postgres"])
def test_whatever_step_a_worker_dies_at_the_next_one_makes_it_good(
    request: pytest.FixtureRequest, database: str, *, campaign: bool
) -> None:
    """Counted are the distinct e-mails that Email Bison holds; none was taken more than twice.

    A step makes its calls to one port at most, so dying before each step, and after the last,
    covers before and after every one of them, the n-th time as well as the first.
    """
    sites: SiteFactory = request.getfixturevalue(f"{database}_sites")
    labels = set()
    for moment in count():
        with scene(sites, campaign=campaign) as (made, batch_id):
            upload = made.start(batch_id)
            for _ in range(moment):
                if not upload.ended:
                    labels.add(upload.label)
                    upload.step()
            assert made.broken(at_rest=False) == [], moment

            made.run(batch_id)

            where = f"died before step {moment}, {upload.label}"
            assert made.site.state(batch_id) is BatchState.UPLOADED, where
            assert made.broken() == [], where
            assert outcomes(made) == expected(campaign=campaign), where
            assert made.account().uploaded == len(made.stub.held("acme")), where
            assert max(made.stub.pushes.values()) <= 2, where
            if upload.ended:
                break

    assert labels == (STEPS if campaign else STEPS - {"attach"})
