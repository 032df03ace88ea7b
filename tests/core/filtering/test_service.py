"""Filtering as a whole, on the record in memory: runs, rehearsals, trials of other rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.errors import Missing, Rejected
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.rule_set import RuleSet, rule_set_json
from maverick_core.pipeline.filtering.service import (
    FilterContacts,
    Filtered,
    Judges,
    RehearseFilter,
    SetRules,
    WhatIf,
)
from maverick_core.pipeline.invariants import RAW, raw_buckets, raw_buckets_add_up
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.suppression.rules import SuppressionReason
from maverick_core.suppression.service import Suppress, Unsuppress
from maverick_core.workspaces.rules import new_workspace
from tests.core.filtering.rows import PlainCleaner

Row = tuple[str | None, str, str]
ROWS: st.SearchStrategy[Row] = st.tuples(
    st.sampled_from(["a@x.example", "A@x.example", "b@x.example", "info@x.example", "bad", None]),
    st.sampled_from(["Ann", "", "Bob"]),
    st.sampled_from(["", "TX", "Ohio"]),
)


class NoDomains:
    """Knows of no disposable domain."""

    def disposable_list(self) -> DisposableList:
        return DisposableList(0, ())


@dataclass(frozen=True)
class Office:
    """Two workspaces on one record, and what is done there."""

    clock: ManualClock
    store: MemoryStore

    @property
    def judges(self) -> Judges:
        return Judges(self.store, PlainCleaner(), NoDomains())

    def bring(self, slug: str, rows: Sequence[Row], *, run: int = 1) -> None:
        raw = [
            NewRaw(at, email=email, first_name=first, state=state)
            for at, (email, first, state) in enumerate(rows, start=1)
        ]
        workspace_id = self.store.workspace(slug).id
        origin = Origin(OriginKind.SCRAPE_RUN, run)
        self.store.add_raw(workspace_id, origin, raw, at=self.clock.now())

    def filter(self, slug: str = "acme", *, stop: bool = False, page_size: int = 3) -> Filtered:
        run = FilterContacts(self.store, self.store, self.judges, self.clock)
        done = run(slug, lambda *_: None, lambda: stop, page_size=page_size)
        assert raw_buckets_add_up(self.store.raw_snapshot()) == []
        return done

    def rehearse(self) -> Filtered:
        rehearse = RehearseFilter(self.store, self.store, self.store, self.judges)
        return rehearse("acme", lambda *_: None, page_size=2)

    def set_rules(self, rules: RuleSet) -> int:
        return SetRules(self.store, self.store, self.clock)("acme", rule_set_json(rules), by="pat")

    @property
    def what_if(self) -> WhatIf:
        return WhatIf(self.store, self.store, self.store, self.judges)


@pytest.fixture
def office() -> Office:
    return open_office()


def open_office() -> Office:
    clock = ManualClock()
    store = MemoryStore(clock)
    for slug in ("acme", "zeta"):
        store.add_workspace(new_workspace(slug, "America/New_York"))
    return Office(clock, store)


GOOD: Row = ("a@x.example", "Ann", "TX")


def test_a_run_judges_all_that_waits_and_nothing_twice(office: Office) -> None:
    """Page after page; where nothing waits it does nothing."""
    office.bring("acme", [GOOD, ("b@x.example", "Bob", ""), ("c@x.example", "", ""), GOOD])
    office.bring("zeta", [GOOD])

    first, second = office.filter(), office.filter()
    assert first.codes == {
        KEPT: 2,
        FilterCode.FIRST_NAME_MISSING: 1,
        FilterCode.DUPLICATE_IN_FILE: 1,
    }
    assert (first.rows, second.rows, second.codes) == (4, 0, {})
    assert raw_buckets(office.store.raw_snapshot())[office.store.workspace("zeta").id] == {RAW: 1}


def test_a_run_stops_after_the_page_in_hand(office: Office) -> None:
    """What it judged is on record, and the next run goes on from there."""
    office.bring("acme", [GOOD] * 5)

    stopped = office.filter(stop=True, page_size=2)
    assert (stopped.rows, stopped.stopped) == (2, True)
    assert office.filter().rows == 3


def test_a_run_tells_how_far_it_is(office: Office) -> None:
    """After each page, from the first on."""
    office.bring("acme", [GOOD] * 5)
    told: list[tuple[int, int]] = []
    run = FilterContacts(office.store, office.store, office.judges, office.clock)

    run("acme", lambda rows, codes: told.append((rows, codes[KEPT])), page_size=2)
    assert told == [(2, 1), (4, 1), (5, 1)]


def test_the_version_of_the_rules_is_that_in_force(office: Office) -> None:
    """0 are the defaults, and each rule set that is set is the next."""
    office.bring("acme", [("a@gmail.com", "Ann", "")])
    assert office.filter().rules_version == 0

    office.set_rules(RuleSet(personal_domains=False))
    office.bring("acme", [("a@gmail.com", "Ann", "")])
    done = office.filter()
    assert (done.rules_version, done.codes) == (1, {KEPT: 1})


def test_rules_that_are_wrong_are_not_set(office: Office) -> None:
    """Nor are any for a workspace that is not there."""
    set_rules = SetRules(office.store, office.store, office.clock)
    with pytest.raises(Rejected):
        set_rules("acme", "{", by="pat")
    with pytest.raises(Missing):
        set_rules("nobody", "{}", by="pat")

    assert office.store.rule_sets(office.store.workspace("acme").id) == ()


@given(first=st.lists(ROWS, max_size=6), then=st.lists(ROWS, max_size=6), data=st.data())
def test_a_rehearsal_says_what_the_run_will_do(
    first: list[Row], then: list[Row], data: st.DataObject
) -> None:
    """Whatever is on record already, and however the pages are cut; and it changes nothing."""
    office = open_office()
    office.bring("acme", first)
    office.filter(page_size=data.draw(st.integers(1, 7)))
    office.bring("acme", then, run=2)
    before = office.store.raw_snapshot()
    rehearsed = office.rehearse()

    assert office.store.raw_snapshot() == before
    assert office.filter(page_size=data.draw(st.integers(1, 7))) == rehearsed


@given(first=st.lists(ROWS, max_size=8), then=st.lists(ROWS, max_size=8), size=st.integers(1, 9))
def test_the_rules_in_force_would_have_changed_nothing(
    first: list[Row], then: list[Row], size: int
) -> None:
    """A trial of the same rules finds what was found, however the pages were cut."""
    office = open_office()
    for run, rows in enumerate((first, then), start=1):
        office.bring("acme", rows, run=run)
        office.filter(page_size=size)
    before = office.store.raw_snapshot()

    difference = office.what_if("acme", "{}", lambda *_: None)
    assert difference.changes == ()
    assert difference.before == difference.after
    assert difference.rows == len(first) + len(then)
    assert office.store.raw_snapshot() == before


def test_other_rules_show_what_they_would_have_changed(office: Office) -> None:
    """From which code to which, how many, and who for example."""
    office.bring("acme", [GOOD, ("a@x.example", "Ann", "Ohio"), ("info@x.example", "Al", "TX")])
    office.filter()

    rules = rule_set_json(RuleSet(role_accounts=False, states=frozenset({"OH", "TX"})))
    difference = office.what_if("acme", rules, lambda *_: None)
    [change] = difference.changes
    assert (change.before, change.after) == (FilterCode.ROLE_ACCOUNT, KEPT)
    assert (change.rows, change.examples) == (1, (3,))

    ohio = office.what_if("acme", '{"states": ["Ohio"]}', lambda *_: None)
    moved = {(each.before, each.after) for each in ohio.changes}
    assert moved == {(KEPT, FilterCode.STATE_OUTSIDE), (FilterCode.DUPLICATE_IN_FILE, KEPT)}


def test_a_suppressed_contact_never_becomes_a_candidate(office: Office) -> None:
    """Whoever suppressed it, for this workspace or for all; lifted again, the next one does."""
    suppress = Suppress(office.store, office.store, office.clock)
    done = suppress(None, ["a@x.example\n", "\n", "nonsense", "*.y.example"], MANUAL, by="pat")
    assert (done.read, done.added, done.bad_lines) == (3, 2, [3])

    office.bring("acme", [GOOD, ("a@mx.y.example", "Ann", ""), ("b@x.example", "Bob", "")])
    assert office.filter().codes == {
        FilterCode.SUPPRESSED_EMAIL: 1,
        FilterCode.SUPPRESSED_DOMAIN: 1,
        KEPT: 1,
    }
    assert Unsuppress(office.store, office.store)(None, ["a@x.example"]) == 1
    office.bring("acme", [GOOD])
    assert office.filter().codes == {KEPT: 1}


MANUAL = SuppressionReason.MANUAL


def test_a_difference_of_some_says_that_it_is_not_of_all(office: Office) -> None:
    """Whoever cannot wait for all gets the oldest, in whole pages."""
    office.bring("acme", [GOOD, ("b@x.example", "Bob", ""), ("c@x.example", "Cy", "")])
    office.filter()
    some = office.what_if("acme", "{}", lambda *_: None, at_most=2, page_size=1)
    whole = office.what_if("acme", "{}", lambda *_: None, at_most=3, page_size=1)

    assert (some.rows, some.complete) == (2, False)
    assert (whole.rows, whole.complete) == (3, True)
