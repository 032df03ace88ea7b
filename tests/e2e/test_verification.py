"""Verification that is killed in the middle of a question, and goes on in another process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from contracts.verifier.stub import VerifierStub, serve
from contracts.verifier.stub.verifier import Says, usual
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import Settings, load_settings
from maverick_adapters.sql import upgrade
from maverick_core.operations.rules import OperationState
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.ports import VerificationCounts
from maverick_core.workspaces.rules import new_workspace
from maverick_runners.embedded import embedded

PEOPLE: Final = 600
QUESTION: Final = 100  # mailboxes
PROCESSING: Final = 0.15  # seconds for each question
ROOT: Final = Path(__file__).parents[2]
KEY: Final = "vk-stub"
RUN: Final = "import sys; from maverick_runners.cli import main; main(sys.argv[1:])"


def says(email: str) -> Says:
    """Know every seventh as nobody, and every eleventh as silent."""
    number = int(email[1:].partition("@")[0])
    if number % 7 == 0:
        return "invalid", "no_such_mailbox"
    return ("unknown", "") if number % 11 == 0 else usual(email)


@pytest.fixture
def stub() -> VerifierStub:
    return VerifierStub(key=KEY, know=says, processing_seconds=PROCESSING)


@pytest.fixture
def url(stub: VerifierStub) -> Iterator[str]:
    with serve(stub) as server:
        yield server.url


def environment(database: str, url: str) -> dict[str, Any]:
    return {
        "database_url": database,
        "verifier": "http",
        "verifier_url": url,
        "verifier_key": KEY,
        "verifier_question_size": QUESTION,
    }


def settings(database: str, url: str) -> Settings:
    return load_settings(_env_file=None, **environment(database, url))


@pytest.fixture(params=["sqlite", "postgres"])
def wired(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> Iterator[Wired]:
    """Wire an empty database with two workspaces."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'maverick.db'}"
    else:
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres_database")
        address = fresh()
    with wire(settings(address, url)) as wired:
        upgrade(wired.engine)
        yield wired


def bring(wired: Wired, slug: str, *, first: int) -> int:
    """Make candidates of a workspace of their own; return the workspace."""
    workspace = wired.store.add_workspace(new_workspace(slug, "America/New_York"))
    rows = [
        NewRaw(number, email=f"p{number + first}@d{number % 40}.example", full_name="Ann Lee")
        for number in range(1, PEOPLE + 1)
    ]
    now = wired.clock.now()
    wired.store.add_raw(workspace.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)
    wired.filter_contacts(slug, lambda _rows, _codes: None)
    return workspace.id


def wait_for(happened: Callable[[], bool]) -> None:
    """Look now and then, for half a minute at most."""
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.005)


def worker(wired: Wired, slug: str, url: str) -> subprocess.Popen[bytes]:
    """Start a process that verifies."""
    address = wired.engine.url.render_as_string(hide_password=False)
    given = {f"MAVERICK_{name.upper()}": str(v) for name, v in environment(address, url).items()}
    command = [sys.executable, "-c", RUN, "verification", "run", "-w", slug]
    return subprocess.Popen(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", **given}, stderr=subprocess.DEVNULL
    )


def test_a_killed_verification_ends_as_an_undisturbed_one(
    wired: Wired, stub: VerifierStub, url: str
) -> None:
    """Kill -9 three times, each while the provider works; nobody is paid for twice."""
    calm = bring(wired, "calm", first=0)
    killed = bring(wired, "killed", first=PEOPLE * 77)  # as many of each kind
    assert wired.verify_candidates("calm", breath=wired.airfield.flights()).why == ""

    for share in (1, 3, 5):
        process = worker(wired, "killed", url)
        wait_for(lambda share=share: _asked(stub) > PEOPLE + share * QUESTION)  # type: ignore[misc]
        wait_for(lambda: wired.store.open_question(killed) is not None)
        process.kill()
        process.wait()
    assert counts(wired, killed).waiting
    assert wired.verify_candidates("killed", breath=wired.airfield.flights()).why == ""

    assert counts(wired, killed) == counts(wired, calm)
    assert wired.store.supply(killed) == wired.store.supply(calm) == counts(wired, calm).contacts
    assert set(stub.charged.values()) == {1}
    assert stub.charged.total() == 2 * PEOPLE


def test_workers_verify_what_was_asked_for(wired: Wired) -> None:
    """By the actors that production has, on the queues that the seeds name."""
    workspace_id = bring(wired, "acme", first=0)
    wishes = [
        wired.request_verification("acme", by="pat"),
        wired.request_verification("acme", by="pat", again=True),
    ]
    with embedded(wired) as workers:
        workers.run()

    ended = [wired.store.operation(wish.id) for wish in wishes]
    assert [each.state for each in ended] == [OperationState.SUCCEEDED] * 2
    assert sum(each.done for each in ended) == PEOPLE
    assert counts(wired, workspace_id).waiting == 0


def counts(wired: Wired, workspace_id: int) -> VerificationCounts:
    """Return where the candidates are."""
    return wired.store.verification_counts(workspace_id)


def _asked(stub: VerifierStub) -> int:
    return stub.charged.total()
