"""Work that must not grow with the database, counted in SQLite's own steps: no clock, no luck.

PostgreSQL has no such counter; its plans are measured by the benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import product

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.filtering.ports import Verdict
from maverick_core.pipeline.pages import BatchFilter, BatchOrder, SortKey
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.suppression.rules import SuppressionReason, parse_target
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.scene import LEASE, NOVEMBER, Scene, scene_on

SMALL, LARGE = 500, 5_000  # contacts
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
STEPS = 10  # of SQLite's machine, between two ticks of the counter


class Counter:
    """Counts the steps of one engine's connections."""

    def __init__(self, engine: Engine) -> None:
        self.ticks = 0
        event.listen(engine, "connect", self._watch)

    def _watch(self, connection: object, _record: ConnectionPoolEntry) -> None:
        connection.set_progress_handler(self._tick, STEPS)  # type: ignore[attr-defined]

    def _tick(self) -> int:
        self.ticks += 1
        return 0

    def of(self, call: Callable[[], object]) -> int:
        """Return the steps that ``call`` takes."""
        before = self.ticks
        call()
        return self.ticks - before


@contextmanager
def filled(url: str, contacts: int) -> Iterator[tuple[Scene, Counter]]:
    """Open a database whose workspace has ``contacts`` in batches and as many that are free."""
    engine = open_engine(url, pool_size=1)
    counter = Counter(engine)
    upgrade(engine)
    scene = scene_on(engine, chunk_size=50)
    acme = scene.workspace(target=100_000)
    scene.contacts(acme, 2 * contacts)
    scene.plan(acme, *[100] * (contacts // 100))
    yield scene, counter
    engine.dispose()


def plan_a_page(scene: Scene) -> None:
    """Read a page of free contacts behind all that are planned, and plan it."""
    planned = scene.store.supply(1)  # as many as are free
    with scene.store.reserve(1, NOVEMBER) as reservation:
        page = reservation.eligible(after=planned, limit=200)
        reservation.add_batches([page], campaign_id=None)


def send_a_chunk(scene: Scene) -> None:
    claim = scene.claim(1)
    chunk = claim.chunks[0]
    scene.store.mark_sent(claim, 0, lease_seconds=LEASE)
    scene.store.leads(1, chunk.contacts)
    pairs = [(contact_id, contact_id) for contact_id in chunk.contacts]
    scene.store.settle(claim, Settle(0, accepted=pairs, settled=True), lease_seconds=LEASE)


WANTED = {
    "of any kind": BatchFilter(),
    "ready": BatchFilter(frozenset({BatchState.READY})),
    "failed": BatchFilter(frozenset({BatchState.FAILED})),
    "failed for a reason": BatchFilter(codes=frozenset({"unavailable"})),
    "taken twice": BatchFilter(min_claims=2),
    "of a contact": BatchFilter(email="p7@agency.example"),
}


def read_pages(scene: Scene, wanted: BatchFilter, by: SortKey) -> None:
    """Read the first page of either direction, and the one behind it."""
    for descending in (True, False):
        order = BatchOrder(by, descending=descending)
        first = scene.store.batches(wanted, order=order, limit=2)
        after = order.cursor(first[-1]) if first else None
        scene.store.batches(wanted, order=order, after=after, limit=2)


@pytest.mark.parametrize(
    "work",
    [
        plan_a_page,
        send_a_chunk,
        lambda scene: scene.store.claimable(limit=5),
        lambda scene: scene.store.trace(1, "p7@agency.example"),
        lambda scene: list(scene.store.members(1)),
        lambda scene: scene.store.batches(limit=5),
        lambda scene: scene.store.contacts(1, limit=5),
        lambda scene: scene.store.waiting_operations(limit=5),
        lambda scene: scene.store.known_contacts(1, ["p7@agency.example"]),
    ],
    ids=[
        "plan a page",
        "send a chunk",
        "claimable",
        "trace",
        "members",
        "batches",
        "contacts",
        "operations",
        "known contacts",
    ],
)
def test_some_work_is_the_same_in_a_database_ten_times_as_large(
    new_sqlite: NewDatabase, work: Callable[[Scene], object]
) -> None:
    """What is done for a chunk, a batch or a contact costs what that chunk, batch or contact is."""
    with filled(new_sqlite(), SMALL) as (scene, counter):
        small = counter.of(lambda: work(scene))
    with filled(new_sqlite(), LARGE) as (scene, counter):
        large = counter.of(lambda: work(scene))

    assert large <= 1.5 * small


def test_no_page_of_batches_costs_more_in_a_database_ten_times_as_large(
    new_sqlite: NewDatabase,
) -> None:
    """By no filter and in no order: nothing is read or sorted beyond the page."""
    pages = list(product(WANTED, SortKey))
    with filled(new_sqlite(), SMALL) as (scene, counter):
        small = [counter.of(partial(read_pages, scene, WANTED[name], by)) for name, by in pages]
    with filled(new_sqlite(), LARGE) as (scene, counter):
        large = [counter.of(partial(read_pages, scene, WANTED[name], by)) for name, by in pages]

    assert [
        (*page, few, many)
        for page, few, many in zip(pages, small, large, strict=True)
        if many > 1.5 * few
    ] == []


def test_a_page_of_free_contacts_costs_the_same_however_many_pages_were_before(
    new_sqlite: NewDatabase,
) -> None:
    """Else planning would cost the square of the contacts."""
    with filled(new_sqlite(), LARGE) as (scene, counter), scene.store.reserve(1, NOVEMBER) as plan:
        first = plan.eligible(after=0, limit=200)[-1]
        early = counter.of(lambda: plan.eligible(after=first, limit=200))
        late = counter.of(lambda: plan.eligible(after=first + 4_000, limit=200))

    assert late <= 1.5 * early


def judge_a_page(scene: Scene) -> None:
    """Filter the next raw contacts for being nobody."""
    with scene.store.raw_page(1, limit=200) as page:
        emails = [f"p{row.id}@agency.example" for row in page.rows]
        page.suppressed(emails)
        page.holders(emails, everywhere=True)
        verdicts = [Verdict(row.id, "email_missing", "") for row in page.rows]
        page.close(verdicts, [], rules_version=0, at=AT)


def test_a_page_of_raw_contacts_costs_the_same_however_many_were_judged(
    new_sqlite: NewDatabase,
) -> None:
    """Nor does it matter how many contacts and suppressions there are to be looked up among."""
    costs = []
    for size in (SMALL, LARGE):
        with filled(new_sqlite(), size) as (scene, counter):
            run = Origin(OriginKind.SCRAPE_RUN, 1)
            scene.store.add_raw(1, run, [NewRaw(each) for each in range(2 * size)], at=AT)
            gone = [parse_target(f"x{each}.example") for each in range(size)]
            scene.store.add_suppressions(None, gone, SuppressionReason.MANUAL, by="pat", at=AT)
            costs.append(counter.of(lambda: judge_a_page(scene)))
            while len(scene.store.judged(1, after=0, limit=201, waiting=True)) > 200:
                judge_a_page(scene)
            costs.append(counter.of(lambda: judge_a_page(scene)))

    assert max(costs) <= 1.5 * min(costs)


@pytest.mark.parametrize(
    "work",
    [
        lambda scene: scene.store.account(1, NOVEMBER),
        lambda scene: scene.store.supply(1),
        lambda scene: scene.store.recount(1, NOVEMBER),
    ],
    ids=["account", "supply", "recount"],
)
def test_figures_cost_no_more_than_what_they_are_made_of(
    new_sqlite: NewDatabase, work: Callable[[Scene], object]
) -> None:
    """Ten times the batches, at most eleven times the work."""
    with filled(new_sqlite(), SMALL) as (scene, counter):
        small = counter.of(lambda: work(scene))
    with filled(new_sqlite(), LARGE) as (scene, counter):
        large = counter.of(lambda: work(scene))

    assert large <= 11 * small
