"""From a list and a site to Email Bison by workers: what comes in goes on, asked for or by itself.

Redis, PostgreSQL or SQLite, a site, a verifier, Email Bison, and `maverick up`: all of them run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.sites import ExampleSites
from contracts.sites import serve as serve_sites
from contracts.verifier.stub import VerifierStub
from contracts.verifier.stub import serve as serve_verifier
from maverick_core.operations.rules import OperationKind, OperationState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.onward.rules import Asked
from maverick_core.pipeline.onward.service import BY
from maverick_core.pipeline.raw_import.rules import NewImport, Reading
from tests.e2e.stage import Stage, stage_on, wait_for, worker_of
from tests.services.redis import RedisServer

LIST = """\
E-Mail,First Name,Company
Ann@Harbor.example,Ann,Harbor Insurance
ann@harbor.example,Ann,
info@harbor.example,Office,Harbor Insurance
nobody.nell@lake.example,Nell,Lake Agency
bob@lake.example,Bob,Lake Agency
not an address,Cy,Lake Agency
"""
LISTED = 2
"""Ann and Bob; of the others one comes twice, one is nobody's, one has no mailbox, one no address.
"""
SOURCE = """\
name = "directory"
start = "{url}/directory"
item = ".agent"
next = "a.next"

[fields]
full_name = "h2"
company = ".company"
email = "a.mail@href"

[limits]
requests_per_minute = 60000
"""
SCRAPED = 8
KINDS = {
    OperationKind.RUN_SOURCE,
    OperationKind.FILTER,
    OperationKind.VERIFY,
    OperationKind.PLAN_BATCHES,
}


@contextmanager
def town(redis: RedisServer, folder: Path, database_url: str, **more: str) -> Iterator[Stage]:
    """Have a site and a verifier, and a workspace that may upload all that comes."""
    with (
        serve_sites(ExampleSites(pages=2, people=4)) as site,
        serve_verifier(VerifierStub()) as verifier,
    ):
        settings = {
            "scrape_loopback": "true",
            "verifier": "http",
            "verifier_url": verifier.url,
            "verifier_key": "vk-stub",
            "topology": "local",
            **more,
        }
        with stage_on(redis, folder, database_url, contacts=0, batch_size=4, more=settings) as here:
            here.wired.set_target("acme", here.month, 100)
            (folder / "directory.toml").write_text(SOURCE.format(url=site.url))
            yield here


@contextmanager
def all_up(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """Run relay and workers, and wait for those that have something to do."""
    with stage.running("up") as process:
        for queue in ("scraping", "filtering", "verification", "batching", "bison_uploads"):
            wait_for(lambda queue=queue: worker_of(process.pid, queue) is not None)  # type: ignore[misc]
        yield process


def bring(stage: Stage) -> None:
    """Send a list in and describe a site; from here on nobody calls for anything."""
    data = LIST.encode()
    found = stage.wired.take_file.begin("acme", NewImport("list.csv", len(data), "pat"))
    stage.wired.start_import(stage.wired.take_file(found, 0, data), Reading())
    stage.run("sources", "add", "directory.toml", "-w", "acme")


def is_counted_and_whole(stage: Stage) -> bool:
    """Say whether Email Bison holds whom it is to hold, as the record counts; all in a bucket."""
    audited = stage.wired.audit_pipeline("acme")
    states = audited.buckets.states
    counted = states.get(ContactState.UPLOADED, 0), stage.account().uploaded, stage.held
    assert audited.buckets.raw == len(LIST.splitlines()) - 1 + SCRAPED
    return audited.whole and counted == (LISTED + SCRAPED,) * 3


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "postgres":
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres_database")
        return fresh()
    return f"sqlite:///{tmp_path}/desk.db"


def test_what_comes_in_goes_to_email_bison_by_itself(
    database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """With the setting on, a list and a source are all that people see to."""
    with town(redis_server, tmp_path, database_url, pipeline_automatic="true") as stage:
        with all_up(stage):
            bring(stage)
            wait_for(lambda: stage.held == LISTED + SCRAPED)
            wait_for(lambda: nothing_waits(stage))

        assert is_counted_and_whole(stage), stage.log()
        done = stage.wired.store.operations(limit=100)
        assert {each.by for each in done} == {BY}
        assert {each.kind for each in done} == KINDS
        assert {each.state for each in done} == {OperationState.SUCCEEDED}


def test_asked_again_and_again_workers_take_all_to_its_end(
    database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """With the setting off nothing happens that nobody asked for."""
    with town(redis_server, tmp_path, database_url) as stage:
        with all_up(stage):
            bring(stage)
            wait_for(lambda: not stage.wired.store.waiting_imports(limit=1))
            assert list(stage.wired.store.operations()) == []
            rounds = 0
            while asks(stage):
                rounds += 1
                wait_for(lambda: not stage.wired.store.open_operations())
            wait_for(lambda: nothing_waits(stage))

        assert is_counted_and_whole(stage), stage.log()
        assert 3 <= rounds <= 8
        kinds = [each.kind for each in stage.wired.store.operations(limit=100)]
        assert {*kinds} == KINDS


def asks(stage: Stage) -> bool:
    """Ask, with the command, and say whether anything was asked for or is under way."""
    answers = stage.json("pipeline", "ask", "--now")["stages"]
    return any(
        each["asked"] in {"asked", "under_way"} for each in answers if each["stage"] != "upload"
    )


def nothing_waits(stage: Stage) -> bool:
    """Say whether nothing waits and nothing is under way."""
    answers = stage.wired.ask_stages("acme", by="pat", dry_run=True)
    return {each.asked for each in answers} == {Asked.NOTHING}
