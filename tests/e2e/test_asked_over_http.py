"""From a request to Email Bison: HTTP, the outbox, the relay, Redis, workers, PostgreSQL."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from maverick_core.access.rules import Role
from maverick_core.pipeline.batch import BatchState
from tests.e2e.stage import Stage, stage_on, wait_for
from tests.e2e.test_workers import free_port
from tests.services.redis import RedisServer


def test_a_plan_asked_for_over_http_is_made_and_uploaded_by_workers(
    fresh_postgres_database: Callable[[], str], redis_server: RedisServer, tmp_path: Path
) -> None:
    """Nobody does anything but ask; the account that is answered is what Email Bison holds."""
    port = free_port()
    more = {"http_port": str(port)}
    database = fresh_postgres_database()
    with stage_on(redis_server, tmp_path, database, contacts=1_200, batch_size=400, more=more) as s:
        headers = {
            "Authorization": f"Bearer {s.wired.create_key('ops', Role.OPERATOR).secret}",
            "Idempotency-Key": "plan-of-today",
        }
        base = f"http://127.0.0.1:{port}"
        with s.up() as process, httpx.Client(base_url=base, headers=headers, timeout=30) as client:
            wait_for(lambda: answers(client))
            asked = client.post("/api/v1/workspaces/acme/batches", json={})
            assert asked.status_code == httpx.codes.ACCEPTED, asked.text
            again = client.post("/api/v1/workspaces/acme/batches", json={})
            assert again.headers["Idempotency-Replayed"] == "true"

            wait_for(lambda: got(client, asked.headers["Location"])["status"] == "succeeded")
            s.batches.extend(batch.id for batch in s.wired.store.batches(limit=10))
            s.comes_home()
            listed = got(client, "/api/v1/batches?status=uploaded&include=total")
            account = got(client, f"/api/v1/workspaces/acme/targets/{month(s)}")["account"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0, s.log()

        assert s.states() == [BatchState.UPLOADED] * 3
        assert [batch["contacts"] for batch in listed["data"]] == [400, 400, 400]
        assert account["uploaded"] == s.held == s.taken
        assert {job.code for job in s.jobs() if "batching" in job.queue} == {"succeeded"}


def answers(client: httpx.Client) -> bool:
    """Say whether the server is ready for requests."""
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


def got(client: httpx.Client, path: str) -> Any:
    """Return what is answered."""
    answer = client.get(path)
    assert answer.is_success, answer.text
    return answer.json()


def month(stage: Stage) -> str:
    """Return the month that was planned."""
    return stage.wired.store.batch(stage.batches[0]).month
