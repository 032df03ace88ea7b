"""``Sources``, ``ScrapeRuns`` and ``Turns``: a run is gone on with where it was, by one worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest

from contracts.store.site import LEASE, Site, at_once
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run, Validators
from maverick_core.pipeline.scraping.rules import MAX_CLAIMS, NO_END, RunCounts, RunEnd, RunState
from maverick_core.pipeline.scraping.source import Source, parse_source

FIRST, SECOND, THIRD = (f"https://directory.example/agents?page={n}" for n in (1, 2, 3))


def source(name: str = "directory", start: Sequence[str] = (FIRST,), pages: int = 10) -> Source:
    """Describe a directory."""
    return parse_source({"name": name, "start": list(start), "limits": {"pages": pages}})


def begun(site: Site, described: Source | None = None) -> int:
    """Return a run of a source of a workspace of its own."""
    workspace = site.workspace(f"client-{len(site.record.workspaces()) + 1}")
    at = site.clock.now()
    source_id = site.record.put_source(workspace.id, described or source(), by="pat", at=at)
    return site.record.begin_run(source_id, at=at)


def claimed(site: Site, run_id: int) -> Run:
    """Claim a run that is there to be claimed."""
    run = site.record.claim_run(run_id, worker="worker-1", lease_seconds=LEASE)
    assert isinstance(run, Run), run
    return run


def due(site: Site, run: Run) -> PageDue:
    """Return the page that is due."""
    page = site.record.next_page(run)
    assert isinstance(page, PageDue), page
    return page


def read(
    at: datetime, *names: str, onwards: Sequence[str] = (), validators: Validators | None = None
) -> PageResult:
    """Return a page on which contacts called ``names`` were found."""
    rows = [NewRaw(n, email=f"{name}@agency.example") for n, name in enumerate(names, 1)]
    return PageResult("read", "", rows, onwards, validators or Validators(), at)


def done(site: Site, run: Run, *names: str, onwards: Sequence[str] = ()) -> RunCounts | None:
    """Finish the page that is due."""
    result = read(site.clock.now(), *names, onwards=onwards)
    return site.record.page_done(run, due(site, run), result, lease_seconds=LEASE)


def test_a_source_replaces_its_namesake(site: Site) -> None:
    """And keeps its id and its runs; sources are listed by name."""
    workspace = site.workspace()
    at = site.clock.now()
    first = site.record.put_source(workspace.id, source("b"), by="pat", at=at)
    site.record.begin_run(first, at=at)
    site.record.put_source(workspace.id, source("a"), by="pat", at=at)

    again = site.record.put_source(workspace.id, source("b", pages=3), by="pat", at=at)

    assert again == first
    listed = site.record.sources(workspace.id)
    assert [view.source.name for view in listed] == ["a", "b"]
    assert [view.runs for view in listed] == [0, 1]
    assert listed[1].source.limits.pages == 3
    assert listed[0].last_state is None


def test_a_source_is_replaced_as_it_was_seen_or_not_at_all(site: Site) -> None:
    """Of any number who read the same one at once, the first is not undone by the others."""
    workspace = site.workspace()
    put = partial(site.record.put_source, workspace.id, by="pat", at=site.clock.now())
    with pytest.raises(Conflict):
        put(source(pages=2), seen=source())
    assert site.record.sources(workspace.id) == []
    put(source())

    results = at_once(*(partial(put, source(pages=n), seen=source()) for n in (1, 2, 3, 4)))

    refused = [each for each in results if isinstance(each, Conflict)]
    assert [each.code for each in refused] == ["changed_meanwhile"] * 3
    (kept,) = site.record.sources(workspace.id)
    assert results[kept.source.limits.pages - 1] == kept.id
    assert put(source(pages=9), seen=kept.source) == put(source()) == kept.id


def test_runs_are_listed_the_newest_first_with_their_counts(site: Site) -> None:
    """Page by page; another source's are not among them."""
    begun(site)
    at = site.clock.now()
    source_id = site.record.put_source(site.workspace().id, source(pages=2), by="pat", at=at)
    first = site.record.begin_run(source_id, at=at)
    run = claimed(site, first)
    done(site, run, "ann", "bob", onwards=[SECOND])
    site.record.end_run(run, RunState.FAILED, "It fell over.", at=at)
    second = site.record.begin_run(source_id, at=at)

    newest, oldest = site.record.runs(source_id, limit=9)
    assert (newest.id, newest.finished_at, newest.counts) == (second, None, RunCounts(due=1))
    assert (oldest.id, oldest.state, oldest.why) == (first, RunState.FAILED, "It fell over.")
    assert (oldest.started_at, oldest.finished_at) == (at, at)
    assert oldest.counts == RunCounts(pages=1, contacts=2, due=1)
    assert site.record.runs(source_id, limit=1) == [newest]
    assert site.record.runs(source_id, before=second, limit=9) == [oldest]


def test_two_workspaces_may_have_a_source_of_one_name(site: Site) -> None:
    """Each sees its own."""
    acme, zenith = site.workspace("acme"), site.workspace("zenith")
    at = site.clock.now()

    ids = {site.record.put_source(each.id, source(), by="pat", at=at) for each in (acme, zenith)}

    assert len(ids) == 2
    assert len(site.record.sources(acme.id)) == 1


def test_what_is_not_there_is_missing(site: Site) -> None:
    """A workspace, a source, a run."""
    at = site.clock.now()

    with pytest.raises(Missing, match="workspace"):
        site.record.put_source(4711, source(), by="pat", at=at)
    with pytest.raises(Missing, match="source"):
        site.record.begin_run(4711, at=at)
    assert site.record.claim_run(4711, worker="worker-1", lease_seconds=LEASE) is None
    assert site.record.pages_not_read(4711, limit=5) == []


def test_a_source_has_one_run_at_a_time(site: Site) -> None:
    """Whoever asks while one is open is given that one; after its end, a new one."""
    run_id = begun(site)
    run = claimed(site, run_id)

    assert site.record.begin_run(run.source_id, at=site.clock.now()) == run_id
    done(site, run)
    site.record.end_run(run, RunState.DONE, "", at=site.clock.now())
    assert site.record.begin_run(run.source_id, at=site.clock.now()) != run_id


def test_many_who_begin_a_run_begin_one(site: Site) -> None:
    """A person and a schedule may ask at the same moment."""
    workspace = site.workspace()
    at = site.clock.now()
    source_id = site.record.put_source(workspace.id, source(), by="pat", at=at)

    runs = at_once(*[lambda: site.record.begin_run(source_id, at=at)] * 5)

    assert len(set(map(repr, runs))) == 1


def test_a_run_belongs_to_one_worker(site: Site) -> None:
    """Of many who ask at once, one is given it."""
    run_id = begun(site)

    def ask(worker: str) -> Run | RunEnd | None:
        return site.record.claim_run(run_id, worker=worker, lease_seconds=LEASE)

    asked = [partial(ask, f"worker-{number}") for number in range(5)]
    assert sum(isinstance(answer, Run) for answer in at_once(*asked)) == 1


def test_a_run_is_given_anew_to_whom_it_belongs(site: Site) -> None:
    """Who comes in the name of a worker that died need not wait; what comes late is fenced off."""
    late = claimed(site, run_id := begun(site))
    page = due(site, late)

    heir = claimed(site, run_id)

    assert heir.fence > late.fence
    assert site.record.claim_run(run_id, worker="worker-2", lease_seconds=LEASE) is None
    result = read(site.clock.now(), "ann")
    assert site.record.page_done(late, page, result, lease_seconds=LEASE) is None
    assert done(site, heir, "ann")


def test_pages_are_done_in_their_order(site: Site) -> None:
    """Links are put behind what is due; contacts are numbered through the run."""
    run = claimed(site, begun(site))

    assert due(site, run).url == FIRST
    assert done(site, run, "ann", "bob", onwards=[SECOND, FIRST, SECOND])
    assert due(site, run).url == SECOND
    assert done(site, run, "cy", onwards=[FIRST])
    counts = site.record.next_page(run)

    assert counts == RunCounts(pages=2, contacts=3, due=0)
    with site.record.raw_page(run.workspace_id, limit=10) as page:
        assert [(row.row_number, row.email) for row in page.rows] == [
            (1, "ann@agency.example"),
            (2, "bob@agency.example"),
            (3, "cy@agency.example"),
        ]
        assert {row.origin.id for row in page.rows} == {run.id}


def test_no_more_pages_are_taken_than_the_source_allows(site: Site) -> None:
    """Starts count too."""
    run = claimed(site, begun(site, source(start=[FIRST, SECOND, THIRD], pages=2)))

    done(site, run, onwards=[THIRD])
    done(site, run, onwards=[THIRD])

    assert site.record.next_page(run) == RunCounts(pages=2, contacts=0, due=0)


def test_a_worker_that_lost_the_run_changes_nothing(site: Site) -> None:
    """Its page is done by the one who has the run now; its contacts are taken once."""
    late = claimed(site, run_id := begun(site))
    page = due(site, late)
    site.leases_run_out()
    run = claimed(site, run_id)
    done(site, run, "ann")

    result = read(site.clock.now(), "ann", onwards=[SECOND])
    assert not site.record.page_done(late, page, result, lease_seconds=LEASE)
    left = site.record.end_run(late, RunState.FAILED, "late", at=site.clock.now())

    assert left == RunEnd(RunState.RUNNING, "", RunCounts(pages=1, contacts=1))
    assert site.record.next_page(run) == RunCounts(pages=1, contacts=1, due=0)
    with site.record.raw_page(run.workspace_id, limit=10) as raw:
        assert len(raw.rows) == 1


def test_a_stopped_run_is_gone_on_with(site: Site) -> None:
    """At the page that is due; the one who had it before may not any more."""
    first = claimed(site, run_id := begun(site, source(start=[FIRST, SECOND])))
    done(site, first, "ann")

    site.record.end_run(first, RunState.STOPPED, "", at=site.clock.now())
    run = claimed(site, run_id)

    assert due(site, run).url == SECOND
    assert not done(site, first, "bob")
    assert run.source == first.source


def test_a_run_that_ends_every_worker_fails(site: Site) -> None:
    """The page that is due is poison; a page that gets done in between is a new start."""
    run_id = begun(site, source(start=[FIRST, SECOND]))
    for _ in range(MAX_CLAIMS - 1):
        claimed(site, run_id)
        site.leases_run_out()
    done(site, claimed(site, run_id), "ann")
    for _ in range(MAX_CLAIMS):
        site.leases_run_out()
        run = site.record.claim_run(run_id, worker="worker-1", lease_seconds=LEASE)
    site.leases_run_out()

    ended = site.record.claim_run(run_id, worker="worker-1", lease_seconds=LEASE)
    assert ended == RunEnd(RunState.FAILED, NO_END, RunCounts(pages=1, contacts=1, due=1))
    assert isinstance(run, Run)
    (view,) = site.record.sources(site.record.workspaces()[0].id)
    assert view.last_state is RunState.FAILED
    assert str(MAX_CLAIMS) in view.last_why


def test_a_run_left_as_by_a_death_is_free_at_once_and_counts_its_claims(site: Site) -> None:
    """Whatever raised may raise again; a wish to stop in between is a new start."""
    run_id = begun(site)
    for _ in range(MAX_CLAIMS):
        site.record.end_run(claimed(site, run_id), RunState.STOPPED, "", at=site.clock.now())
    for _ in range(MAX_CLAIMS):
        left = site.record.end_run(claimed(site, run_id), RunState.RUNNING, "", at=site.clock.now())

    assert left == RunEnd(RunState.RUNNING, "", RunCounts(due=1))
    ended = site.record.claim_run(run_id, worker="worker-2", lease_seconds=LEASE)
    assert ended == RunEnd(RunState.FAILED, NO_END, RunCounts(due=1))


def test_a_run_that_is_over_is_claimed_by_nobody(site: Site) -> None:
    """And its source shows how it ended."""
    run = claimed(site, run_id := begun(site))
    missing = PageResult("page_missing", "There is none.", (), (), Validators(), site.clock.now())
    site.record.page_done(run, due(site, run), missing, lease_seconds=LEASE)

    site.record.end_run(run, RunState.FAILED, "Not one page.", at=site.clock.now())

    ended = site.record.claim_run(run_id, worker="worker-1", lease_seconds=LEASE)
    assert ended == RunEnd(RunState.FAILED, "Not one page.", RunCounts(pages=1, not_read=1))
    (view,) = site.record.sources(run.workspace_id)
    assert (view.last_state, view.last_why) == (RunState.FAILED, "Not one page.")
    assert (view.runs, view.pages, view.contacts) == (1, 1, 0)
    (note,) = site.record.pages_not_read(run.source_id, limit=5)
    assert note == (FIRST, "page_missing", "There is none.")


def test_the_next_run_asks_with_what_the_last_one_was_given(site: Site) -> None:
    """And knows where an unchanged page leads."""
    run = claimed(site, begun(site))
    given = Validators(etag='"v1"')
    result = read(site.clock.now(), onwards=[SECOND], validators=given)
    site.record.page_done(run, due(site, run), result, lease_seconds=LEASE)
    done(site, run)
    site.record.end_run(run, RunState.DONE, "", at=site.clock.now())

    again = claimed(site, site.record.begin_run(run.source_id, at=site.clock.now()))
    page = due(site, again)

    assert page.validators == given
    assert list(page.next) == [SECOND]


def test_a_host_gives_turns_one_after_the_other(site: Site) -> None:
    """Whoever asks, on whichever machine; a host that was left alone is free at once."""
    at = site.clock.now()

    def ask() -> datetime:
        return site.record.take_turn("directory.example", every_seconds=2, at=at)

    turns = at_once(*[ask] * 5)

    assert {repr(turn) for turn in turns} == {repr(at + timedelta(seconds=2 * n)) for n in range(5)}
    assert site.record.take_turn("other.example", every_seconds=2, at=at) == at
    later = at + timedelta(minutes=5)
    assert site.record.take_turn("directory.example", every_seconds=2, at=later) == later
