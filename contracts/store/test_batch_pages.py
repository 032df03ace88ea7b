"""``BatchPages``: every batch that is wanted, each once, in order, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count, islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.store.site import NOVEMBER, Site, SiteFactory, contact
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchEvent, BatchState
from maverick_core.pipeline.pages import (
    BatchCursor,
    BatchFilter,
    BatchOrder,
    BatchTotal,
    SortKey,
)
from maverick_core.pipeline.views import BatchView

DECEMBER = Month(2026, 12)
READY, UPLOADING, FAILED = BatchState.READY, BatchState.UPLOADING, BatchState.FAILED
STATES = sorted(BatchState)
CODES = ["token_refused", "unavailable"]


def ids(views: Sequence[BatchView]) -> list[int]:
    """Return whose views they are."""
    return [view.id for view in views]


def found(site: Site, **wanted: object) -> list[int]:
    """Return the batches that match, newest first."""
    return ids(site.record.batches(BatchFilter(**wanted)))  # type: ignore[arg-type]


def test_batches_are_listed_newest_first_and_by_page(site: Site) -> None:
    """A page goes on behind the last row of the page before."""
    acme = site.workspace()
    members = site.contacts(acme, "ann", "bob", "cy", "di", "eve")
    batches = list(site.plan(acme, *([member] for member in members)))[::-1]
    order = BatchOrder()

    first = site.record.batches(limit=2)
    second = site.record.batches(after=order.cursor(first[-1]), limit=2)
    third = site.record.batches(after=order.cursor(second[-1]), limit=2)

    assert [ids(first), ids(second), ids(third)] == [batches[:2], batches[2:4], batches[4:]]


def test_batches_are_found_by_workspace_month_and_state(site: Site) -> None:
    """Filters narrow each other; a name that nobody has finds nothing."""
    acme, zeta = site.workspace(), site.workspace("zeta")
    site.record.set_target(acme.id, DECEMBER, 10, at=site.clock.now())
    ann, bob = site.contacts(acme, "ann", "bob")
    [november] = site.plan(acme, [ann])
    [december] = site.plan(acme, [bob], month=DECEMBER)
    [other] = site.plan(zeta, site.contacts(zeta, "ann"))
    site.claim(other)
    uploading = frozenset({UPLOADING})

    assert found(site, slug="acme") == [december, november]
    assert found(site, month=str(NOVEMBER)) == [other, november]
    assert found(site, states=uploading) == [other]
    assert found(site, states=uploading | {READY}) == [other, december, november]
    assert found(site, slug="acme", month=str(DECEMBER), states={READY}) == [december]
    assert found(site, slug="acme", states=uploading) == []
    assert found(site, slug="nobody") == []


def test_batches_are_found_by_reason_claims_and_number(site: Site) -> None:
    """A reason is what failed batches have; no other state goes with it."""
    (refused, _), (twice, _) = site.batch("ann"), site.batch("bob")
    site.end(site.claim(refused), BatchEvent.FAIL, "token_refused")
    site.claim(twice)
    site.leases_run_out()
    site.end(site.claim(twice), BatchEvent.FAIL, "unavailable")

    assert found(site, codes={"token_refused"}) == [refused]
    assert found(site, codes=set(CODES)) == [twice, refused]
    assert found(site, codes=set(CODES), states={READY}) == []
    assert found(site, min_claims=1) == [twice, refused]
    assert found(site, min_claims=2) == [twice]
    assert found(site, min_claims=3) == []
    assert found(site, batch_id=refused) == [refused]


def test_a_batch_is_found_by_a_contact_inside(site: Site) -> None:
    """Also one that released it, and that of another workspace which has the same person."""
    one, members = site.batch("ann", "bob")
    two, _ = site.batch("ann")
    site.record.cancel(one, site.decision())
    [first, _] = site.record.workspaces()
    [again] = site.plan(first, members[:1])
    ann, bob = contact("ann").email, contact("bob").email

    assert found(site, email=ann) == [again, two, one]
    assert found(site, email=ann, slug=first.slug) == [again, one]
    assert found(site, email=bob) == [one]
    assert found(site, email="nobody@agency.example") == []


def test_batches_are_found_by_when_they_were_made(site: Site) -> None:
    """From an instant on, and before one."""
    one, _ = site.batch("ann")
    site.clock.advance(60)
    noon = site.clock.now()
    two, _ = site.batch("bob")

    assert found(site, created_from=noon) == [two]
    assert found(site, created_before=noon) == [one]
    assert found(site, created_from=noon, created_before=noon + timedelta(seconds=1)) == [two]


def test_totals_count_every_state_of_what_is_wanted(site: Site) -> None:
    """Batches and contacts; a state that was asked for leaves the other states' figures alone."""
    one, _ = site.batch("ann", "bob")
    site.batch("cy")
    site.end(site.claim(one), BatchEvent.FAIL, "unavailable")

    totals = site.record.batch_totals(BatchFilter(states={READY}))

    assert totals == {
        **dict.fromkeys(BatchState, BatchTotal(0, 0)),
        FAILED: BatchTotal(1, 2),
        READY: BatchTotal(1, 1),
    }
    assert site.record.batch_totals(BatchFilter(slug="client-2"))[FAILED] == BatchTotal(0, 0)


def test_positions_count_what_a_claim_would_be_given(site: Site) -> None:
    """Neither what is being uploaded nor what is on hold stands in the queue."""
    busy, held, one, two = (site.batch(name)[0] for name in ("ann", "bob", "cy", "di"))
    site.claim(busy)
    site.refuse_token(site.workspace_id(held))

    assert site.record.queue_positions([two, one, held, busy]) == {one: 1, two: 2}
    assert site.record.queue_positions([two]) == {two: 2}


class Shop:
    """Batches of two workspaces and two months, driven at random through all their states."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.names = (f"p{number}" for number in count())
        self.workspaces = [site.workspace("acme"), site.workspace("zeta")]
        for workspace in self.workspaces:
            site.record.set_target(workspace.id, DECEMBER, 10_000, at=site.clock.now())

    def add(self, whose: int, month: Month, size: int, fate: int, wait: int) -> None:
        """Plan a batch and let it meet its fate."""
        site, workspace = self.site, self.workspaces[whose]
        site.clock.advance(wait)
        members = site.contacts(workspace, *(next(self.names) for _ in range(size)))
        [batch] = site.plan(workspace, members, month=month)
        if fate == 1:
            site.record.cancel(batch, site.decision())
        if fate > 1:
            claim = site.claim(batch)
            if fate == 3:
                site.accept(claim, members)
                site.end(claim, BatchEvent.FINISH)
            if fate > 3:
                site.end(claim, BatchEvent.FAIL, CODES[fate - 4])


batches = st.tuples(
    st.integers(0, 1),
    st.sampled_from([NOVEMBER, DECEMBER]),
    st.integers(1, 2),
    st.integers(0, 5),
    st.integers(0, 1),
)
filters = st.builds(
    BatchFilter,
    states=st.frozensets(st.sampled_from(STATES), max_size=3),
    slug=st.sampled_from([None, None, "acme", "nobody"]),
    month=st.sampled_from([None, None, str(DECEMBER)]),
    codes=st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(CODES))),
    min_claims=st.integers(0, 2),
)
orders = st.builds(BatchOrder, st.sampled_from(SortKey), descending=st.booleans())


def matches(view: BatchView, wanted: BatchFilter) -> bool:
    """Say, in the fewest words, what the filter says."""
    return (
        (not wanted.states or view.state in wanted.states)
        and wanted.slug in {None, view.slug}
        and wanted.month in {None, view.month}
        and (not wanted.codes or view.failure_code in wanted.codes)
        and view.claims >= wanted.min_claims
    )


def walk(
    site: Site,
    wanted: BatchFilter,
    order: BatchOrder,
    limit: int,
    between: Callable[[], None],
) -> list[BatchView]:
    """Turn the pages until there is none."""
    seen: list[BatchView] = []
    after: BatchCursor | None = None
    while page := site.record.batches(wanted, order=order, after=after, limit=limit):
        assert len(page) <= limit
        assert not set(ids(page)) & set(ids(seen)), "this walk would have no end"
        seen += page
        after = order.cursor(page[-1])
        between()
    return seen


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgres"])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    made=st.lists(batches, max_size=8),
    added=st.lists(batches, max_size=3),
    wanted=filters,
    order=orders,
    limit=st.integers(1, 3),
)
def test_all_pages_together_are_what_is_wanted_each_once_and_in_order(
    request: pytest.FixtureRequest,
    store: str,
    made: list[tuple[int, Month, int, int, int]],
    added: list[tuple[int, Month, int, int, int]],
    wanted: BatchFilter,
    order: BatchOrder,
    limit: int,
) -> None:
    """Also where batches are added between two pages: nothing comes twice, nothing gets lost."""
    factory: SiteFactory = request.getfixturevalue(f"{store}_sites")
    site = factory()
    shop = Shop(site)
    for each in made:
        shop.add(*each)
    there = {view.id for view in site.record.batches(limit=100) if matches(view, wanted)}
    more = iter(added)

    def add_one() -> None:
        for each in islice(more, 1):
            shop.add(*each)

    seen = walk(site, wanted, order, limit, add_one)

    places = [(order.cursor(view).key, view.id) for view in seen]
    assert places == sorted(places, reverse=order.descending)
    assert there <= set(ids(seen))
    assert all(matches(view, wanted) for view in seen)
