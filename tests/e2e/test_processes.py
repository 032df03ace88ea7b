"""Real processes of the command line, killed and raced; the account stays exact."""

from __future__ import annotations

import json
import os
import pty
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.bison.stub import BisonStub, Fault, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from maverick_core.pipeline.batch import BatchState
from tests.e2e.desk import CONTACTS, TOKEN, Desk, set_up, wait_for


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    url = f"sqlite:///{tmp_path}/desk.db"
    if request.param == "postgres":
        url = request.getfixturevalue("fresh_postgres_database")()
    with serve(stub, 0) as server:
        settings = {
            "bison_url": server.url,
            "database_url": url,
            "secret_key": Vault.new_key(),
            "lease_seconds": "1",
        }
        set_up(load_settings(**settings))
        variables = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        with wire(load_settings(**settings)) as wired:
            yield Desk(tmp_path, stub, {**os.environ, **variables}, wired)


def test_an_upload_that_is_killed_goes_on_and_counts_every_contact_once(desk: Desk) -> None:
    """SIGKILL in the middle; the next upload waits for the lease and settles what was in doubt."""
    desk.wired.plan_batches("acme")
    fault = desk.stub.script(Fault("slow", path="/api/leads/create-or-update/*", seconds=0.1))
    with desk.start("batches", "upload") as process:
        wait_for(lambda: desk.stub.held_count("Acme") >= 2_000)
        process.kill()
        process.communicate()
    desk.stub.lift(fault)
    half, held = desk.account(), desk.stub.held_count("Acme")
    desk.run("batches", "upload")
    whole = desk.account()

    assert half.uploaded < CONTACTS
    assert half.uploaded <= held
    assert (whole.uploaded, whole.in_doubt, whole.reserved) == (CONTACTS, 0, 0)
    assert desk.stub.held_count("Acme") == CONTACTS
    assert max(desk.stub.pushes.values()) <= 2


@pytest.mark.parametrize(
    ("desk", "number"),
    [("sqlite", signal.SIGINT), ("postgres", signal.SIGTERM)],
    indirect=["desk"],
)
def test_an_upload_that_is_interrupted_records_and_hands_back(
    desk: Desk, number: signal.Signals
) -> None:
    """Nothing is in doubt afterwards, no lease is left to wait for, and nothing is sent twice."""
    desk.wired.plan_batches("acme")
    fault = desk.stub.script(Fault("slow", path="/api/leads/create-or-update/*", seconds=0.1))
    with desk.start("batches", "upload") as process:
        wait_for(lambda: desk.stub.held_count("Acme") >= 1_000)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    desk.stub.lift(fault)
    half = desk.account()
    states = {batch.state for batch in desk.wired.store.snapshot().batches}

    assert process.returncode == 130, err
    assert "goes on from there" in err
    assert half.in_doubt == 0
    assert states <= {BatchState.READY, BatchState.UPLOADED}
    desk.run("batches", "upload")
    assert desk.account().uploaded == CONTACTS
    assert set(desk.stub.pushes.values()) == {1}


def test_two_plans_and_two_uploads_at_the_same_moment_share_the_work(desk: Desk) -> None:
    """Two processes plan the same month, two upload it: never above the target, none twice."""
    plans = [desk.start("batches", "create", "--workspace", "acme", "-o", "json") for _ in "ab"]
    planned = [json.loads(process.communicate(timeout=120)[0])["contacts"] for process in plans]
    uploads = [desk.start("batches", "upload") for _ in "ab"]
    codes = [process.wait(timeout=120) for process in uploads]
    for process in uploads:
        process.communicate()

    assert sorted(planned) == [0, CONTACTS]
    assert set(codes) == {0}
    assert desk.account().uploaded == CONTACTS == desk.stub.held_count("Acme")


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_a_terminal_sees_a_bar_move_and_a_watcher_sees_the_batch_end(desk: Desk) -> None:
    """Progress goes to stderr; data on stdout stays data."""
    desk.wired.plan_batches("acme", batch_size=CONTACTS)
    fault = desk.stub.script(Fault("slow", path="/api/leads/create-or-update/*", seconds=0.2))
    ours, theirs = pty.openpty()
    with desk.start("batches", "upload", "-o", "json", stderr=theirs) as upload:
        os.close(theirs)
        wait_for(lambda: desk.stub.held_count("Acme") >= 500)
        with desk.start("batches", "watch", "B-1", "-o", "json") as watcher:
            seen, _ = watcher.communicate(timeout=120)
        screen = drain(ours)
        out, _ = upload.communicate(timeout=120)
    desk.stub.lift(fault)

    assert "Uploading" in screen
    assert f"/{CONTACTS}" in screen
    assert [batch["state"] for batch in json.loads(out)["batches"]] == ["uploaded"]
    assert json.loads(seen)["state"] == "uploaded"


def drain(terminal: int) -> str:
    """Read what a program drew until it let go of its terminal."""
    drawn = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        try:
            while piece := screen.read(65_536):
                drawn += piece
        except OSError:  # how Linux says that the other end is closed
            pass
    return drawn.decode(errors="replace")
