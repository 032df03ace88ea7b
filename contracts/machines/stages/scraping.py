"""Scraping: sources described anew, runs taken over, pages that come when another has the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from contracts.machines.stages.people import Found, as_raw, found, slugs
from contracts.machines.stages.places import MANY, RunWorker, StagePlace, age, ages, one_of
from contracts.machines.stages.stage import Stage
from contracts.machines.stages.told import due
from contracts.store.site import LEASE
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run, Validators
from maverick_core.pipeline.scraping.rules import MAX_CLAIMS, RunCounts, RunState, verdict
from maverick_core.pipeline.scraping.source import Limits, PageKind, Source

URLS: Final = tuple(f"https://dir.example/{number}" for number in range(5))
urls = st.lists(st.sampled_from(URLS), max_size=3)
"""Links of a page, some of them twice, or known."""
names = st.sampled_from(["brokers", "agents"])
codes = st.sampled_from(["read", "read", "read", "unchanged", "not_found"])
etags = st.sampled_from([None, "a", "b"])


class Scraping(Stage):
    """Takes pages of sources."""

    @initialize(slug=slugs, name=names, rows=st.lists(found, min_size=1, max_size=4))
    def open(self, slug: str, name: str, rows: list[Found]) -> None:
        """Begin with a source that somebody is at, and its first page."""
        self.put_source(slug, name, 2, 4)
        self.claim_run(slug, name, "worker-0")
        self._page_done(0, "read", rows, URLS[2:4], "a")

    @rule(slug=slugs, name=names, start=st.integers(1, 2), pages=st.integers(1, 4))
    def put_source(self, slug: str, name: str, start: int, pages: int) -> None:
        """Describe a source, perhaps anew while a run of it is under way."""
        source = Source(name, PageKind.HTML, URLS[:start], limits=Limits(pages=pages))

        def put(place: StagePlace) -> object:
            id_, at = place.ids[slug], place.site.clock.now()
            put = place.record.put_source(id_, source, by="pat", at=at)
            return put == _sources(place, slug)[name]

        self.together(put)

    @rule(slug=slugs, name=names)
    def begin_run(self, slug: str, name: str) -> None:
        """Begin a run, or find the one that is not over."""
        self.together(lambda place: age(place.crew.runs, _begin(place, slug, name)))

    @rule(slug=slugs, name=names, worker=st.sampled_from(["worker-1", "worker-2"]))
    def claim_run(self, slug: str, name: str, worker: str) -> None:
        """Begin and take it, where nobody has it."""
        self.together(lambda place: _claim(place, _begin(place, slug, name), worker))

    @rule(number=ages, times=st.sampled_from([1, 1, 1, MAX_CLAIMS]))
    def take_over(self, number: int, times: int) -> None:
        """Let every worker of now be late, and be replaced so many ``times``."""
        for _ in range(times):
            self.wait(LEASE)
            self.together(lambda place: _claim(place, one_of(place.crew.runs, number), "worker-3"))

    @precondition(lambda self: self.first.crew.run_workers)
    @rule(data=st.data())
    def turn_to_page(self, data: st.DataObject) -> None:
        """Look up which page is due."""
        index = self._worker(data)
        self.together(lambda place: due(_look(place.crew.run_workers[index], place)))

    @precondition(lambda self: self.first.crew.run_workers)
    @rule(
        data=st.data(),
        code=codes,
        rows=st.lists(found, max_size=3),
        links=urls,
        etag=etags,
    )
    def page_done(
        self, data: st.DataObject, code: str, rows: list[Found], links: list[str], etag: str | None
    ) -> None:
        """Put the page on record that is due, or that was when the worker looked last."""
        self._page_done(self._worker(data), code, rows, links, etag)

    def _page_done(
        self, index: int, code: str, rows: list[Found], links: Sequence[str], etag: str | None
    ) -> None:
        def do(place: StagePlace) -> object:
            worker, at = place.crew.run_workers[index], place.site.clock.now()
            page = worker.page or _look(worker, place)
            if isinstance(page, RunCounts):
                return page
            worker.page = None
            raw = [as_raw(number, each) for number, each in enumerate(rows, 1)]
            result = PageResult(
                code, f"It is {code}.", raw if code == "read" else (), links, Validators(etag), at
            )
            return place.record.page_done(worker.run, page, result, lease_seconds=LEASE)

        self.together(do)

    @precondition(lambda self: self.first.crew.run_workers)
    @rule(data=st.data(), state=st.sampled_from(RunState))
    def end_run(self, data: st.DataObject, state: RunState) -> None:
        """Let go of a run; nobody says that it is done who has not come to its end."""
        index = self._worker(data)
        page = self.first.record.next_page(self.first.crew.run_workers[index].run)
        why = "The source cannot be followed." if state is RunState.FAILED else ""
        if state is RunState.DONE:
            state, why = verdict(page) if isinstance(page, RunCounts) else (RunState.STOPPED, "")
        self.together(
            lambda place: place.record.end_run(
                place.crew.run_workers[index].run, state, why, at=place.site.clock.now()
            )
        )

    @rule(host=st.sampled_from(["dir.example", "list.example"]), every=st.sampled_from([0.5, 90]))
    def take_turn(self, host: str, every: float) -> None:
        """Ask when a host may be asked."""
        self.together(
            lambda place: place.record.take_turn(
                host, every_seconds=every, at=place.site.clock.now()
            )
        )

    def _worker(self, data: st.DataObject) -> int:
        """Choose a worker: as a rule one of the last."""
        last = len(self.first.crew.run_workers) - 1
        recent = [index for index in (last, last, last - 1) if index >= 0]
        index: int = data.draw(st.sampled_from([*recent, *range(last + 1)]), label="worker")
        return index


def _sources(place: StagePlace, slug: str) -> dict[str, int]:
    return {view.source.name: view.id for view in place.record.sources(place.ids[slug])}


def _begin(place: StagePlace, slug: str, name: str) -> int:
    source_id = _sources(place, slug).get(name, MANY * MANY)
    run_id = place.record.begin_run(source_id, at=place.site.clock.now())
    if run_id not in place.crew.runs:
        place.crew.runs.append(run_id)
    return run_id


def _claim(place: StagePlace, run_id: int, worker: str) -> object:
    taken = place.record.claim_run(run_id, worker=worker, lease_seconds=LEASE)
    if not isinstance(taken, Run):
        return taken
    place.crew.run_workers.append(RunWorker(taken))
    return age(place.crew.runs, run_id), taken.fence, taken.source, place.slugs[taken.workspace_id]


def _look(worker: RunWorker, place: StagePlace) -> PageDue | RunCounts:
    page = place.record.next_page(worker.run)
    worker.page = page if isinstance(page, PageDue) else None
    return page
