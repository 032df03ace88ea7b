"""``RawContacts``: what sources bring, as they have it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from contracts.store.site import Site
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.invariants import RAW, raw_buckets
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.workspaces.rules import Workspace

AWKWARD = NewRaw(
    row_number=2,
    row_token="r-\u00e9",  # noqa: S106 - made up
    email=" Zo\u00eb@B\u00fccher.example",
    first_name='Zo\u00eb "the\\N" O\'Neill',
    last_name="\\.",
    full_name="",
    title="=SUM(A1)",
    company="Tab\there",
    phone="(512) 555-0142",
    state="Tex",
    line_of_business="Auto, Home",
    notes="Two\nlines, and a \U0001f600 \\t",
    variables='{"a": "\\u00e9 \\\\ \\""}',
    page_url="https://agency.example/?a=1",
)


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace without contacts."""
    return site.workspace()


def begin(site: Site, workspace: Workspace) -> Origin:
    """Open an import of this moment and return it as an origin."""
    now = site.clock.now()
    return Origin(OriginKind.CSV_IMPORT, site.record.begin_import(workspace.id, "list.csv", at=now))


def test_a_raw_contact_comes_back_as_it_went_in(site: Site, acme: Workspace) -> None:
    """Nothing is cleaned on the way in, whatever stands in it."""
    origin = begin(site, acme)
    site.record.add_raw(acme.id, origin, [AWKWARD], at=site.clock.now())

    [(row, code)] = site.record.judged(acme.id, after=0, limit=10, waiting=True)
    assert code is None
    assert row.origin == origin
    assert (
        row._asdict().items()
        >= {name: value for name, value in AWKWARD._asdict().items() if name in row._fields}.items()
    )


def test_what_no_database_can_hold_leaves_a_mark(site: Site, acme: Workspace) -> None:
    """So the row is there to be judged, and the filter sees that something was lost."""
    broken = NewRaw(1, email="a\x00@x.example", company="\ud800", notes="fine \x07")

    site.record.add_raw(acme.id, Origin(OriginKind.SCRAPE_RUN, 7), [broken], at=site.clock.now())

    [(row, _)] = site.record.judged(acme.id, after=0, limit=10, waiting=True)
    assert (row.email, row.company, row.notes) == ("a\ufffd@x.example", "\ufffd", "fine \x07")


def test_an_import_counts_its_raw_rows(site: Site, acme: Workspace) -> None:
    """They are added: to reject is the filter's business."""
    origin = begin(site, acme)
    site.record.add_raw(acme.id, origin, [NewRaw(2), NewRaw(3)], at=site.clock.now())
    site.record.add_raw(acme.id, origin, [NewRaw(4)], at=site.clock.now())

    counts = site.record.finish_import(origin.id, at=site.clock.now())
    assert (counts.rows, counts.added, counts.rejected) == (3, 3, 0)


def test_nobody_is_added_to_what_is_not_there(site: Site, acme: Workspace) -> None:
    """Neither to an unknown workspace nor from an unknown import."""
    with pytest.raises(Missing):
        site.record.add_raw(99, Origin(OriginKind.SCRAPE_RUN, 1), [NewRaw(1)], at=site.clock.now())
    with pytest.raises(Missing):
        site.record.add_raw(
            acme.id, Origin(OriginKind.CSV_IMPORT, 99), [NewRaw(1)], at=site.clock.now()
        )

    assert site.record.raw_snapshot().raw == []


class BrokenOff(list[NewRaw]):
    """A list that cannot be read to its end."""

    def __iter__(self) -> Iterator[NewRaw]:
        yield self[0]
        raise ConnectionError


def test_an_exception_leaves_no_raw_contact(site: Site, acme: Workspace) -> None:
    """A call is one transaction, with the import's count."""
    origin = begin(site, acme)
    with pytest.raises(ConnectionError):
        site.record.add_raw(acme.id, origin, BrokenOff([NewRaw(1), NewRaw(2)]), at=site.clock.now())

    assert site.record.raw_snapshot().raw == []
    assert site.record.finish_import(origin.id, at=site.clock.now()).rows == 0


def test_raw_contacts_wait_in_the_order_they_came(site: Site, acme: Workspace) -> None:
    """By id, a workspace for itself, from any id on."""
    zeta = site.workspace("zeta")
    run = Origin(OriginKind.SCRAPE_RUN, 1)
    for numbers in ((1, 2), (3,), (4, 5)):
        site.record.add_raw(acme.id, run, [NewRaw(each) for each in numbers], at=site.clock.now())
        site.record.add_raw(zeta.id, run, [NewRaw(0)], at=site.clock.now())

    rows = [row for row, _ in site.record.judged(acme.id, after=0, limit=10, waiting=True)]
    assert [row.row_number for row in rows] == [1, 2, 3, 4, 5]
    later = site.record.judged(acme.id, after=rows[1].id, limit=2, waiting=True)
    assert [row.row_number for row, _ in later] == [3, 4]
    assert raw_buckets(site.record.raw_snapshot()) == {acme.id: {RAW: 5}, zeta.id: {RAW: 3}}


class Interrupted(list[NewRaw]):
    """Rows that somebody else's call comes in between, if it can."""

    def __init__(self, rows: Sequence[NewRaw], call: Callable[[], None]) -> None:
        super().__init__(rows)
        self.other = threading.Thread(target=call)

    def __iter__(self) -> Iterator[NewRaw]:
        *most, last = self[:]
        yield from most  # enough of them to be on their way to any database
        self.other.start()
        self.other.join(timeout=0.5)
        yield last


def test_a_call_that_comes_in_between_is_seen_after(site: Site, acme: Workspace) -> None:
    """Ids of one workspace are seen in their order, or the filter would pass over the lower ones.

    Numbers are given out before they are committed, so whoever has begun has to end first.
    """
    run = Origin(OriginKind.SCRAPE_RUN, 1)
    add = partial(site.record.add_raw, acme.id, run, at=site.clock.now())
    slow = Interrupted(
        [NewRaw(number, notes="x" * 100) for number in range(2_000)], lambda: add([NewRaw(9_999)])
    )

    add(slow)
    slow.other.join()

    rows = [row for row, _ in site.record.judged(acme.id, after=0, limit=9_999, waiting=True)]
    assert [row.row_number for row in rows] == [*range(2_000), 9_999]
