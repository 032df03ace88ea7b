"""What the command line says of workers where none runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maverick_core.topology.queues import QUEUES
from maverick_runners.cli import app


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with an SQLite database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAVERICK_DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.delenv("MAVERICK_REDIS_URL", raising=False)


@pytest.mark.parametrize("name", ["production", "local"])
def test_both_set_ups_leave_no_work_lying(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every queue has a consumer and every route a queue."""
    monkeypatch.setenv("MAVERICK_TOPOLOGY", name)

    assert CliRunner().invoke(app, ["topology", "check"]).exit_code == 0


def test_the_topology_is_shown_whole() -> None:
    """As JSON: the groups with their limits, the queues, the routes in their order."""
    shown = json.loads(CliRunner().invoke(app, ["topology", "show", "-o", "json"]).stdout)

    assert shown["queues"] == list(QUEUES)
    assert shown["groups"][0]["tasks_per_child"] == 25
    assert set(shown["with_tasks"]) == {
        "scraping",
        "csv_processing",
        "filtering",
        "verification",
        "batching",
        "bison_uploads",
        "notifications",
        "sync_periodic",
        "sync_heavy",
    }


def test_no_jobs_are_an_empty_list() -> None:
    """Not an error: nothing was ever given to workers here."""
    shown = CliRunner().invoke(app, ["jobs", "list", "-o", "json"])

    assert json.loads(shown.stdout) == {"jobs": []}


@pytest.mark.parametrize("command", [["up"], ["relay"], ["worker", "batching"]])
def test_without_an_address_of_redis_nothing_starts(command: list[str]) -> None:
    """The error says what to set, and what needs no Redis."""
    error = CliRunner().invoke(app, command).exception

    assert getattr(error, "code", "") == "redis_url_missing"
