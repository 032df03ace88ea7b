"""The HTTP API as it is run: gunicorn, two processes, a key, a stop that leaves nobody waiting."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from contracts.bison.stub import BisonStub, Fault, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.vault import Vault
from maverick_core.workspaces.rules import new_workspace
from tests.e2e.desk import TOKEN, Desk, wait_for
from tests.e2e.test_workers import free_port


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a desk with a workspace that has no token yet."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    with serve(stub, 0) as server:
        settings = {
            "bison_url": server.url,
            "database_url": f"sqlite:///{tmp_path}/desk.db",
            "secret_key": Vault.new_key(),
            "http_port": str(free_port()),
        }
        with wire(load_settings(**settings)) as wired:
            upgrade(wired.engine)
            wired.store.add_workspace(new_workspace("acme", "UTC"))
            told = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
            yield Desk(tmp_path, stub, {**os.environ, **told}, wired)


@contextmanager
def served(desk: Desk) -> Iterator[httpx.Client]:
    """Serve until the block ends, then ask to stop, as a supervisor of the machine would."""
    port = desk.environment["MAVERICK_HTTP_PORT"]
    with (
        desk.start("serve") as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        wait_for(lambda: answers(client))
        yield client
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_request_that_is_under_way_is_answered_before_the_end(desk: Desk) -> None:
    """SIGTERM comes while Email Bison is asked about a token; the token is stored, the end is 0."""
    key = json.loads(desk.run("keys", "create", "desk", "--role", "admin", "-o", "json"))["secret"]
    slow = desk.stub.script(Fault("slow", seconds=1.0))
    with ThreadPoolExecutor(1) as pool, served(desk) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        ready = client.get("/readyz")
        listed = client.get("/api/v1/workspaces").json()
        stored = pool.submit(
            client.put, "/api/v1/workspaces/acme/bison-token", json={"token": TOKEN}, timeout=30
        )
        wait_for(lambda: bool(desk.stub.requests))
    desk.stub.lift(slow)

    assert ready.json() == {"ready": True, "checks": [{"name": "database", "code": "ok"}]}
    assert [each["slug"] for each in listed["data"]] == ["acme"]
    assert stored.result().status_code == 200
    assert desk.json("tokens", "list")[0]["token"]["hint"] == TOKEN[-4:]


def test_the_counters_of_all_processes_are_one(desk: Desk) -> None:
    """Whichever process is asked; and nobody needs a key on the machine itself."""
    with served(desk) as client:
        for _ in range(20):
            client.get("/api/v1/workspaces")
        told = client.get("/metrics").text

    counted = 'maverick_http_requests_total{method="GET",route="/api/v1/workspaces",status="401"}'
    assert f"{counted} 20.0" in told
    assert 'maverick_batches{state="ready"} 0.0' in told


def test_a_port_that_is_taken_is_said_before_anything_starts(desk: Desk) -> None:
    """Exit code 4, and what to do about it."""
    with served(desk), desk.start("serve") as second:
        _, err = second.communicate(timeout=60)

    assert second.returncode == 4
    assert "port_taken" in err
    assert "--port" in err


def test_the_contract_is_printed_at_the_command_line(desk: Desk) -> None:
    """By the facade's own program: the command line does not import it."""
    printed = json.loads(desk.run("openapi"))

    assert printed["openapi"] == "3.1.0"
    assert "/api/v1/workspaces" in printed["paths"]
