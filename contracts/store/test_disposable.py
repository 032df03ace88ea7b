"""``DisposableRecord``, ``DisposableJournal``: a list in force, and how it came to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest

from contracts.store.site import Site, at_once
from maverick_adapters.cleaning import DomainsInForce, LibraryCleaner
from maverick_core.kernel.errors import Conflict, Rejected, Unavailable
from maverick_core.operations.rules import NewOperation, OperationKind, OperationState
from maverick_core.operations.service import RunOperation
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.disposable import ListEntry, ListEvent
from maverick_core.pipeline.filtering.ports import DisposableRecord, ListText
from maverick_core.pipeline.filtering.refreshing import (
    EVERY,
    AllowDomain,
    AskForFreshList,
    ListTerms,
    RefreshDisposable,
    RefreshDisposableAsRequested,
)
from maverick_core.pipeline.filtering.service import FilterContacts, Judges
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind

SOURCE = "https://lists.example/domains.txt"
ALL = tuple(ListEvent)


@dataclass
class Shelf:
    """Gives what is laid on it, or says that it has not changed, as a site with ETags does."""

    text: str = "one.example\ntwo.example\n"
    error: Exception | None = None
    asked_with: list[str | None] = field(default_factory=list)

    def name(self, source: str) -> str:
        """Leave out what follows a question mark."""
        return source.partition("?")[0]

    def fetch_list(
        self, source: str, *, etag: str | None, last_modified: str | None
    ) -> ListText | None:
        """Give the text."""
        del source, last_modified
        self.asked_with.append(etag)
        if self.error:
            raise self.error
        return None if etag == self.text else ListText(self.text, self.text)


@dataclass
class DyingRecord:
    """Dies where the list would be put on record, and is the site's in all else."""

    site: Site

    def replace_disposable(self, *_: object, **__: object) -> int:
        """Die."""
        raise ConnectionError

    def __getattr__(self, name: str) -> object:
        """Do anything else."""
        return getattr(self.site.record, name)


class BreaksOff(tuple[str, ...]):
    """Domains that end with an error."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        """Give the first, and break off."""
        yield "new.example"
        raise ConnectionError


def refreshing(site: Site, shelf: Shelf, source: str = SOURCE) -> RefreshDisposable:
    """Return the use case on the site's record."""
    return RefreshDisposable(shelf, site.record, site.record, site.clock, ListTerms(source))


def entry(site: Site, event: ListEvent = ListEvent.REPLACED) -> ListEntry:
    """Return a line of the journal of this moment."""
    return ListEntry(event, SOURCE, "pat", site.clock.now(), etag='"1"', last_modified="Monday")


def put(site: Site, *domains: str, based_on: int = 0) -> int:
    """Take domains in."""
    return site.record.replace_disposable(domains, (), entry(site), based_on=based_on)


def test_at_first_there_is_nothing(site: Site) -> None:
    """Version 0: the packaged list alone."""
    held = site.record.disposable_record()

    assert (held.version, site.record.disposable_version()) == (0, 0)
    assert (set(held.refreshed), set(held.allowed)) == (set(), set())
    assert site.record.disposable_journal(ALL, limit=9) == []


def test_a_list_comes_back_as_it_went_in(site: Site) -> None:
    """With who, when and from where; what is removed is gone."""
    names = [f"throw{number}.example" for number in range(3_000)]
    assert put(site, *names, "xn--mlleimer-65a.example") == 1
    removed = names[10:]
    assert site.record.replace_disposable(["new.example"], removed, entry(site), based_on=1) == 2

    held = site.record.disposable_record()
    assert held.version == site.record.disposable_version() == 2
    assert set(held.refreshed) == {*names[:10], "xn--mlleimer-65a.example", "new.example"}
    second, first = site.record.disposable_journal(ALL, limit=9)
    assert (first.version, first.domains, second.version, second.domains) == (1, 3_001, 2, 12)
    assert (second.source, second.by, second.at) == (SOURCE, "pat", site.clock.now())
    assert (second.etag, second.last_modified) == ('"1"', "Monday")


def test_what_is_based_on_an_older_version_changes_nothing(site: Site) -> None:
    """It was compared with what is in force no more."""
    put(site, "one.example")

    with pytest.raises(Conflict) as refused:
        put(site, "two.example")

    assert refused.value.code == "domain_list_changed"
    assert set(site.record.disposable_record().refreshed) == {"one.example"}
    assert len(site.record.disposable_journal(ALL, limit=9)) == 1


def test_an_exception_leaves_nothing(site: Site) -> None:
    """Not even what was taken out before it."""
    put(site, "one.example", "two.example")

    with pytest.raises(ConnectionError):
        site.record.replace_disposable(
            BreaksOff(["new.example"]), ["two.example"], entry(site), based_on=1
        )

    assert set(site.record.disposable_record().refreshed) == {"one.example", "two.example"}
    assert site.record.disposable_version() == 1


def test_of_two_at_once_one_is_first(site: Site) -> None:
    """And the other finds out; neither is mixed with the other."""
    calls = [partial(put, site, f"{name}1.example", f"{name}2.example") for name in "abcdef"]

    ends = at_once(*calls)

    assert [end for end in ends if isinstance(end, int)] == [1]
    assert sum(isinstance(end, Conflict) for end in ends) == len(calls) - 1
    held = set(site.record.disposable_record().refreshed)
    assert len({name[0] for name in held}) == 1
    assert len(held) == 2


def test_a_note_changes_nothing_and_is_found_by_its_kind(site: Site) -> None:
    """The newest first, as many as are asked for."""
    put(site, "one.example")
    for event in (ListEvent.UNCHANGED, ListEvent.REFUSED, ListEvent.REFUSED):
        site.record.note_disposable(entry(site, event))

    journal = site.record.disposable_journal(ALL, limit=3)
    assert [each.event for each in journal] == [
        ListEvent.REFUSED,
        ListEvent.REFUSED,
        ListEvent.UNCHANGED,
    ]
    assert {(each.version, each.domains) for each in journal} == {(1, 1)}
    [taken] = site.record.disposable_journal([ListEvent.REPLACED], limit=9)
    assert taken.event is ListEvent.REPLACED


def test_a_domain_is_allowed_once_and_left_to_the_lists_again(site: Site) -> None:
    """Each of these is a version; what is so already is none."""
    allow = AllowDomain(site.record, site.clock)

    assert allow("ann@One.example", by="pat") == ("one.example", True)
    assert allow("one.example", by="pat") == ("one.example", False)
    assert set(site.record.disposable_record().allowed) == {"one.example"}
    assert allow("one.example", by="pat", allowed=False) == ("one.example", True)
    assert allow("one.example", by="pat", allowed=False) == ("one.example", False)
    assert site.record.disposable_version() == 2
    assert set(site.record.disposable_record().allowed) == set()


def test_a_refresh_done_twice_is_done_once(site: Site) -> None:
    """The second asks for news only, and so does the one after that."""
    shelf = Shelf()
    refresh = refreshing(site, shelf)

    events = [refresh(by="pat").entry.event for _ in range(3)]

    assert events == [ListEvent.REPLACED, ListEvent.UNCHANGED, ListEvent.UNCHANGED]
    assert shelf.asked_with == [None, shelf.text, shelf.text]
    assert site.record.disposable_version() == 1


def test_sources_of_one_name_do_not_answer_for_each_other(site: Site) -> None:
    """A query may choose the list: it is fetched whole each time, from either of them."""
    shelf = Shelf()
    sources = [f"{SOURCE}?list=a", f"{SOURCE}?list=b", SOURCE, f"{SOURCE}?list=b", SOURCE]

    for source in sources:
        refreshing(site, shelf)(source, by="pat")

    assert shelf.asked_with == [None] * len(sources)


def test_a_list_that_is_forced_is_asked_for_whole(site: Site) -> None:
    """Whoever forces it does not want to hear that nothing is new."""
    shelf = Shelf()
    refreshing(site, shelf)(by="pat")

    done = refreshing(site, shelf)(by="pat", force=True)

    assert shelf.asked_with == [None, None]
    assert done.read is not None
    refreshing(site, shelf)(by="pat")
    assert shelf.asked_with[-1] == shelf.text


def test_what_another_source_gave_is_not_asked_about(site: Site) -> None:
    """Its ETag would say nothing of this one; the same domains change nothing even so."""
    shelf = Shelf()
    refreshing(site, shelf)(by="pat")

    done = refreshing(site, shelf)("elsewhere.txt", by="pat")

    assert shelf.asked_with == [None, None]
    assert done.entry.event is ListEvent.UNCHANGED
    shelf.text = "three.example\n# new here\ntwo.example\n"
    assert refreshing(site, shelf)(by="pat").entry.added == 1
    assert set(site.record.disposable_record().refreshed) == {"two.example", "three.example"}


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("<html>log in</html>", None, "bad_domain_list"),
        ("one.example", None, ""),
        ("other.example", None, "domain_list_shrank"),
        ("", Unavailable("away", code="domain_list_unavailable"), "domain_list_unavailable"),
    ],
)
def test_what_is_refused_leaves_the_list_in_force(
    site: Site, text: str, error: Exception | None, code: str
) -> None:
    """And stands in the journal with the reason; half may be lost."""
    refreshing(site, Shelf())(by="pat")
    refresh = refreshing(site, Shelf(text, error))
    if not code:
        assert refresh(by="pat").entry.removed == 1
        return

    with pytest.raises((Rejected, Conflict, Unavailable)) as refused:
        refresh(by="pat")

    assert refused.value.code == code
    assert set(site.record.disposable_record().refreshed) == {"one.example", "two.example"}
    [last] = site.record.disposable_journal(ALL, limit=1)
    assert (last.event, last.why, last.version) == (ListEvent.REFUSED, str(refused.value), 1)


def test_a_person_may_force_a_list_that_shrank_and_try_it_first(site: Site) -> None:
    """A dry run says the same and puts nothing on record, not even that it was refused."""
    refreshing(site, Shelf())(by="pat")
    refresh = refreshing(site, Shelf("other.example"))
    with pytest.raises(Conflict):
        refresh(by="pat", dry_run=True)

    tried = refresh(by="pat", force=True, dry_run=True)
    assert (tried.entry.added, tried.entry.removed, tried.entry.version) == (1, 2, 1)
    assert len(site.record.disposable_journal(ALL, limit=9)) == 1
    done = refresh(by="pat", force=True)
    assert (done.entry.added, done.entry.removed, done.entry.version) == (1, 2, 2)
    assert set(site.record.disposable_record().refreshed) == {"other.example"}


def test_a_death_between_fetch_and_record_leaves_the_old_list(site: Site) -> None:
    """The next refresh does it as if nothing had been."""
    shelf = Shelf()
    refreshing(site, shelf)(by="pat")
    shelf.text += "three.example\n"
    record = cast("DisposableRecord", DyingRecord(site))
    dying = RefreshDisposable(shelf, record, site.record, site.clock, ListTerms(SOURCE))
    with pytest.raises(ConnectionError):
        dying(by="pat")

    assert set(site.record.disposable_record().refreshed) == {"one.example", "two.example"}
    assert site.record.disposable_version() == 1
    assert refreshing(site, shelf)(by="pat").entry.added == 1


def test_the_filter_goes_by_the_new_list_from_its_next_run(site: Site) -> None:
    """A verdict names the list's version; what was judged stays as it is."""
    acme = site.workspace()
    domains = DomainsInForce(site.record)
    judges = Judges(site.record, LibraryCleaner(), domains)
    run = FilterContacts(site.record, site.record, judges, site.clock)
    origin = Origin(OriginKind.SCRAPE_RUN, 1)

    def judged(name: str) -> str:
        rows = [NewRaw(1, email=f"{name}@mx.one.example", first_name="Ann")]
        site.record.add_raw(acme.id, origin, rows, at=site.clock.now())
        [code] = run(acme.slug, lambda *_: None).codes
        return code

    assert judged("a") == KEPT
    refreshing(site, Shelf())(by="pat")
    assert judged("b") == FilterCode.DISPOSABLE_DOMAIN
    AllowDomain(site.record, site.clock)("one.example", by="pat")
    assert judged("c") == KEPT
    assert domains.disposable_list() is domains.disposable_list()


def test_a_refresh_that_is_asked_for_is_done_as_asked(site: Site) -> None:
    """Once; refused with the reason; and nothing to do where no source is set."""
    new = NewOperation(OperationKind.REFRESH_DISPOSABLE, None, {}, "pat")
    shelf = Shelf("one.example\ngmail.com\nno domain\n")

    def ended(source: str = SOURCE) -> str:
        asked = site.record.add_operation(new, at=site.clock.now())
        deed = RefreshDisposableAsRequested(refreshing(site, shelf, source), site.record)
        work = RunOperation(site.record, {OperationKind.REFRESH_DISPOSABLE: deed})
        work(asked.id, worker="w")
        assert work(asked.id, worker="w") == "over"
        done = site.record.operation(asked.id)
        if done.problem:
            assert done.state is OperationState.FAILED
            return done.problem.code
        assert done.state is OperationState.SUCCEEDED
        results.append(done.result)
        return str((done.result or {})["event"])

    results: list[object] = []
    assert [ended(), ended(), ended("")] == ["replaced", "unchanged", "no_source"]
    assert results[0] == {
        "event": "replaced",
        "version": 1,
        "domains": 1,
        "added": 1,
        "removed": 0,
        "spared": 1,
        "bad_lines": 1,
    }
    shelf.text = "<html>"
    assert ended() == "bad_domain_list"


def test_a_refresh_is_asked_for_once_a_day_where_a_source_is_set(site: Site) -> None:
    """Any number of relays ask; neither one that is under way nor one that failed is repeated."""
    shelf = Shelf("<html>")
    ask = AskForFreshList(site.record, site.record, site.clock, ListTerms(SOURCE))
    assert AskForFreshList(site.record, site.record, site.clock, ListTerms())() == 0

    assert [ask(), ask()] == [1, 0]
    [asked] = site.record.open_operations()
    deed = RefreshDisposableAsRequested(refreshing(site, shelf), site.record)
    RunOperation(site.record, {OperationKind.REFRESH_DISPOSABLE: deed})(asked.id, worker="w")
    assert site.record.operation(asked.id).state is OperationState.FAILED
    site.clock.advance(EVERY.total_seconds() - 1)
    assert ask() == 0
    site.clock.advance(1)
    assert [ask(), ask()] == [1, 0]
