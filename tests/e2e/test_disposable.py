"""The list of disposable domains is refreshed by the actor that production has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_core.operations.rules import NewOperation, OperationKind, OperationState
from maverick_core.pipeline.filtering.codes import FilterCode
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.workspaces.rules import new_workspace
from maverick_runners.embedded import embedded

PATH = "/domains.txt"


@pytest.fixture
def sites() -> ExampleSites:
    """Make a site with a list that is the same the second time."""
    sites = ExampleSites()
    sites.script(PATH, answer("200 OK", b"throw.example\n", content_type="text/plain", etag='"1"'))
    sites.script(PATH, answer("304 Not Modified", etag='"1"'), answer("200 OK", b"<html>"))
    return sites


@pytest.fixture(params=["sqlite", "postgres"])
def wired(request: pytest.FixtureRequest, tmp_path: Path, sites: ExampleSites) -> Iterator[Wired]:
    """Wire an empty database that has the site as its source."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'maverick.db'}"
    else:
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres_database")
        address = fresh()
    with serve(sites) as server:
        settings = load_settings(
            _env_file=None,
            database_url=address,
            disposable_domains_url=f"{server.url}{PATH}",
            scrape_loopback=True,
        )
        with wire(settings) as wired:
            upgrade(wired.engine)
            yield wired


def test_workers_refresh_the_list_and_filter_by_it(wired: Wired, sites: ExampleSites) -> None:
    """Fetched once, not again while nothing changes, and kept when what comes is no list."""
    workspace = wired.store.add_workspace(new_workspace("acme", "America/New_York"))
    rows = [NewRaw(1, email="ann@throw.example", first_name="Ann")]
    now = wired.clock.now()
    wired.store.add_raw(workspace.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)

    new = NewOperation(OperationKind.REFRESH_DISPOSABLE, None, {}, "pat")
    wishes = []
    with embedded(wired) as workers:
        for _ in range(3):
            wishes.append(wired.store.add_operation(new, at=now))
            workers.run()
        filtering = wired.request_filter("acme", by="pat")
        workers.run()

    done = [wired.store.operation(wish.id) for wish in wishes]
    assert [each.state for each in done[:2]] == [OperationState.SUCCEEDED] * 2
    assert [(each.result or {})["event"] for each in done[:2]] == ["replaced", "unchanged"]
    assert done[2].problem is not None
    assert done[2].problem.code == "bad_domain_list"
    assert [visit.conditional for visit in sites.visits] == [False, True, True]
    result = wired.store.operation(filtering.id).result or {}
    assert result["codes"] == {FilterCode.DISPOSABLE_DOMAIN: 1}
    assert wired.store.disposable_version() == 1
