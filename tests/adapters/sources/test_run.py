"""A source's run, over a site on this machine, into SQLite: complete, polite, gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.serving import Server
from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from maverick_adapters.memory import InstantAirfield, InstantFlights, ManualClock
from maverick_adapters.sources import SourceReader, WebPages
from maverick_adapters.sources.guard import Guard
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.vault import Vault
from maverick_core.operations.rules import Operation, OperationKind, OperationState
from maverick_core.operations.service import LEASE_SECONDS as OPERATION_LEASE
from maverick_core.operations.service import RunOperation
from maverick_core.pipeline.scraping.ports import Answer, PageDue, PageResult, Run, Validators
from maverick_core.pipeline.scraping.request import RequestRun, RunAsRequested
from maverick_core.pipeline.scraping.rules import MAX_CLAIMS, NO_END, RunCounts, RunState
from maverick_core.pipeline.scraping.service import LEASE_SECONDS, RunSource, TrySource
from maverick_core.pipeline.scraping.source import Source, parse_source
from maverick_core.workspaces.rules import new_workspace

PAGES, PEOPLE = 4, 5


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Dying:
    """Everything that a run meets, and the step at which its process dies; none by default."""

    store: SqlStore
    pages: WebPages
    steps: int = 0
    dies_at: int = -1
    dead: bool = False

    def step(self) -> None:
        """Count a step, or die."""
        self.dead = self.dead or self.steps == self.dies_at
        if self.dead:
            raise Killed
        self.steps += 1

    def fetch(self, url: str, source: Source, validators: Validators) -> Answer:
        """Fetch, dying before or after."""
        self.step()
        found = self.pages.fetch(url, source, validators)
        self.step()
        return found

    def page_done(
        self, run: Run, page: PageDue, result: PageResult, *, lease_seconds: float
    ) -> RunCounts | None:
        """Keep the page, dying before or after."""
        self.step()
        kept = self.store.page_done(run, page, result, lease_seconds=lease_seconds)
        self.step()
        return kept

    def __getattr__(self, name: str) -> object:
        """Do anything else as it is done; nothing at all, where it is dead."""
        if self.dead:
            raise Killed
        return getattr(self.pages if name == "crawl_delay" else self.store, name)


class Stopping(InstantFlights):
    """Is asked to stop when it has been looked up so many times."""

    def __init__(self, clock: ManualClock, *, after: int) -> None:
        super().__init__(InstantAirfield(clock))
        self._left = after

    def stopping(self) -> bool:
        """Say it, and count."""
        self._left -= 1
        return self._left < 0


@dataclass(frozen=True)
class Lent:
    """Gives out one breath."""

    breath: InstantFlights

    def flights(self) -> InstantFlights:
        """Give it."""
        return self.breath


class Scene:
    """A workspace with a source of the example sites."""

    def __init__(self, folder: Path, sites: ExampleSites, server: Server) -> None:
        self.engine = open_engine(f"sqlite:///{folder / 'maverick.db'}")
        upgrade(self.engine)
        self.clock = ManualClock()
        self.store = SqlStore(self.engine, self.clock, Vault.from_secret(Vault.new_key()))
        self.workspace = self.store.add_workspace(new_workspace("acme", "UTC")).id
        self.sites, self.server = sites, server
        self.pages = WebPages(Guard(loopback_allowed=True))
        self.flights = InstantAirfield(self.clock).flights()

    def source(self, **change: object) -> Source:
        """Describe the directory."""
        described = {
            "name": "directory",
            "start": f"{self.server.url}/directory",
            "item": ".agent",
            "next": "a.next",
            "fields": {"full_name": "h2", "email": "a.mail@href"},
            "limits": {"requests_per_minute": 600},
        }
        return parse_source({**described, **change})

    def begin(self, source: Source | None = None) -> int:
        """Begin a run."""
        at = self.clock.now()
        source_id = self.store.put_source(self.workspace, source or self.source(), by="pat", at=at)
        return self.store.begin_run(source_id, at=at)

    def use_case(self, dies_at: int = -1) -> RunSource:
        """Return what a worker does, as far as it gets."""
        dying = Dying(self.store, self.pages, dies_at=dies_at)
        return RunSource(dying, dying, SourceReader(), dying, self.clock)  # type: ignore[arg-type]

    def run(self, run_id: int, dies_at: int = -1, worker: str = "worker-1") -> RunCounts | None:
        """Go on with the run."""
        end = self.use_case(dies_at)(run_id, worker=worker, breath=self.flights)
        return end.counts if end else None

    def ask(self) -> Operation:
        """Ask for a run."""
        ask = RequestRun(self.store, self.store, self.store, self.store, self.clock)
        return ask("acme", "directory", by="pat")

    def operate(
        self, operation: Operation, dies_at: int = -1, breath: InstantFlights | None = None
    ) -> str:
        """Do what was asked for."""
        airfield = InstantAirfield(self.clock)
        breaths = airfield if breath is None else Lent(breath)
        run = RunAsRequested(self.use_case(dies_at), self.store, breaths)
        do = RunOperation(self.store, {OperationKind.RUN_SOURCE: run})
        return do(operation.id, worker="worker-1")

    def emails(self) -> Sequence[str | None]:
        """Return the e-mails of the raw contacts, in order."""
        with self.store.raw_page(self.workspace, limit=1_000) as page:
            return [row.email for row in page.rows]

    def close(self) -> None:
        self.pages.close()
        self.engine.dispose()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Make a scene with a site of its own."""
    sites = ExampleSites(pages=PAGES, people=PEOPLE)
    with serve(sites) as server:
        scene = Scene(tmp_path, sites, server)
        yield scene
        scene.close()


def test_a_run_takes_everybody_once(scene: Scene) -> None:
    """Every page, in order, at the pace of the source."""
    begun = scene.clock.now()

    counts = scene.run(scene.begin())

    assert counts == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)
    assert scene.emails() == [each.email for each in scene.sites.people("/directory")]
    assert scene.clock.now() - begun == timedelta(seconds=0.1 * (PAGES - 1))


def test_a_run_that_dies_at_any_step_ends_the_same(tmp_path: Path) -> None:
    """Before or after a request or a write: what was under way is done again, and counted once."""
    for dies_at in range(4 * PAGES):
        folder = tmp_path / str(dies_at)
        folder.mkdir()
        sites = ExampleSites(pages=PAGES, people=PEOPLE)
        with serve(sites) as server:
            scene = Scene(folder, sites, server)
            run_id = scene.begin()

            with pytest.raises(Killed):
                scene.run(run_id, dies_at)
            assert scene.run(run_id, worker="worker-2") is None
            scene.clock.advance(LEASE_SECONDS)
            counts = scene.run(run_id, worker="worker-2")

            assert counts == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)
            assert scene.emails() == [each.email for each in sites.people("/directory")]
            visits = [visit for visit in sites.visits if visit.path == "/directory"]
            assert len(visits) <= PAGES + 1
            scene.close()


@pytest.mark.parametrize("dies_at", range(4))
def test_an_operation_whose_worker_died_on_the_first_page_goes_on(
    scene: Scene, dies_at: int
) -> None:
    """Before and after its request and its transaction: the run is the operation's own."""
    scene.begin()
    operation = scene.ask()

    with pytest.raises(Killed):
        scene.operate(operation, dies_at)
    scene.clock.advance(OPERATION_LEASE)

    assert scene.operate(operation) == "succeeded"
    assert scene.emails() == [each.email for each in scene.sites.people("/directory")]


def test_what_has_not_changed_brings_nothing_new(scene: Scene) -> None:
    """The second run asks by the validators, follows the links it knows, and adds nobody."""
    scene.run(scene.begin())

    counts = scene.run(scene.begin())

    assert counts == RunCounts(pages=PAGES, unchanged=PAGES)
    assert len(scene.emails()) == PAGES * PEOPLE
    assert [visit.conditional for visit in scene.sites.visits if visit.path == "/directory"] == [
        *[False] * PAGES,
        *[True] * PAGES,
    ]


def test_a_page_that_is_missing_is_named_and_the_rest_is_read(scene: Scene) -> None:
    """Here the second start; a source may have many."""
    starts = [f"{scene.server.url}/directory", f"{scene.server.url}/nowhere"]

    counts = scene.run(run_id := scene.begin(scene.source(start=starts)))

    assert counts == RunCounts(pages=PAGES + 1, contacts=PAGES * PEOPLE, not_read=1)
    (view,) = scene.store.sources(scene.workspace)
    assert view.last_state is RunState.DONE
    (note,) = scene.store.pages_not_read(view.id, limit=9)
    assert (note.url, note.code) == (starts[1], "page_missing")
    assert run_id


def test_a_site_in_trouble_is_asked_again(scene: Scene) -> None:
    """As often as the retry policy says, after as long as the site asks for."""
    scene.sites.script(
        "/directory",
        answer("503 Service Unavailable"),
        answer("429 Too Many Requests", b"", retry_after="30"),
    )
    begun = scene.clock.now()

    counts = scene.run(scene.begin())

    assert counts == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)
    assert scene.clock.now() - begun >= timedelta(seconds=30)


def test_a_source_of_which_no_page_is_to_be_had_fails(scene: Scene) -> None:
    """With the reason where people look."""
    counts = scene.run(scene.begin(scene.source(start=f"{scene.server.url}/private/list")))

    assert counts == RunCounts(pages=1, not_read=1)
    (view,) = scene.store.sources(scene.workspace)
    assert view.last_state is RunState.FAILED
    assert view.last_why


def test_a_selector_that_is_none_fails_the_run_with_its_words(scene: Scene) -> None:
    """Every further page would fail alike."""
    scene.run(scene.begin(scene.source(item="div[")))

    (view,) = scene.store.sources(scene.workspace)
    assert view.last_state is RunState.FAILED
    assert "div[" in view.last_why


def test_an_operation_whose_run_fails_fails_with_the_same_words(scene: Scene) -> None:
    """Nobody is asked to go on, though pages are due; the next wish is for a new run."""
    first = scene.begin(scene.source(item="div["))
    operation = scene.ask()

    assert scene.operate(operation) == "run_failed"

    problem = scene.store.operation(operation.id).problem
    assert problem is not None
    assert "div[" in problem.detail
    scene.begin()
    assert scene.operate(again := scene.ask()) == "succeeded"
    assert again.arguments["run"] != first


def test_an_operation_that_is_asked_to_stop_is_handed_back(scene: Scene) -> None:
    """The next worker has it at once."""
    scene.begin()
    operation = scene.ask()

    scene.operate(operation, breath=Stopping(scene.clock, after=5))
    assert scene.store.operation(operation.id).state is OperationState.RUNNING

    assert scene.operate(operation) == "succeeded"
    assert len(scene.emails()) == PAGES * PEOPLE


def test_a_page_that_raises_fails_its_run_in_the_end(scene: Scene) -> None:
    """It is no wish to stop: whoever asks after that gets a run of the source as it is now."""

    class Raising(WebPages):
        def fetch(self, url: str, *_: object) -> Answer:
            raise RecursionError(url)

    run_id = scene.begin()
    good, scene.pages = scene.pages, Raising(Guard(loopback_allowed=True))
    for _ in range(MAX_CLAIMS):
        with pytest.raises(RecursionError):
            scene.run(run_id)
    scene.pages.close()
    scene.pages = good

    assert scene.run(run_id) == RunCounts(due=1)
    (view,) = scene.store.sources(scene.workspace)
    assert (view.last_state, view.last_why) == (RunState.FAILED, NO_END)
    assert scene.run(scene.begin()) == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)


@pytest.mark.parametrize("after", range(3 * PAGES, 3 * PAGES + 3))
def test_a_wish_to_stop_after_the_last_page_comes_too_late(scene: Scene, after: int) -> None:
    """The run is over, so that the next one takes pages."""
    run_id = scene.begin()
    scene.flights = Stopping(scene.clock, after=after)

    assert scene.run(run_id) == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)

    (view,) = scene.store.sources(scene.workspace)
    assert view.last_state is RunState.DONE
    assert scene.begin() != run_id


def test_a_run_stops_when_it_is_asked_to_and_goes_on_later(scene: Scene) -> None:
    """Nothing is lost, nothing is taken twice, and nobody has to wait for a lease."""
    run_id = scene.begin()
    scene.flights = Stopping(scene.clock, after=5)

    stopped = scene.run(run_id)
    assert stopped is not None
    assert stopped.due == 1
    scene.flights = InstantAirfield(scene.clock).flights()
    counts = scene.run(run_id)

    assert counts == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)
    assert scene.emails() == [each.email for each in scene.sites.people("/directory")]


def test_an_interrupted_run_is_left_for_whoever_goes_on(scene: Scene) -> None:
    """Ctrl-C while it waits for its turn; another worker has the run at once."""

    class Interrupted(InstantFlights):
        def rest(self, seconds: float) -> None:
            raise KeyboardInterrupt(seconds)

    run_id = scene.begin()
    scene.flights = Interrupted(InstantAirfield(scene.clock))
    with pytest.raises(KeyboardInterrupt):
        scene.run(run_id)
    scene.flights = InstantAirfield(scene.clock).flights()
    counts = scene.run(run_id, worker="worker-2")

    assert counts == RunCounts(pages=PAGES, contacts=PAGES * PEOPLE)


def test_a_trial_shows_the_first_page_and_keeps_nothing(scene: Scene) -> None:
    """So that a description is right before it is run."""
    trial = TrySource(scene.pages, SourceReader())(scene.source())

    assert len(trial.rows) == PEOPLE
    assert trial.rows[0]["email"] == scene.sites.people("/directory")[0].email
    assert trial.next == (f"{scene.server.url}/directory?page=2",)
    assert scene.emails() == []


def test_two_workers_keep_one_pace_for_a_host(scene: Scene) -> None:
    """The record gives out the turns."""
    slow = replace(scene.source().limits, requests_per_minute=6)
    source = replace(scene.source(), limits=slow)
    scene.run(scene.begin(source))
    begun = scene.clock.now()

    scene.run(scene.begin(replace(source, name="another")))

    assert scene.clock.now() - begun >= timedelta(seconds=10 * PAGES)
