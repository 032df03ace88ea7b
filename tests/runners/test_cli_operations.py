"""What is asked for elsewhere is done by whoever runs workers, also by those of one command."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.sites import ExampleSites, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_core.kernel.time import Month
from maverick_core.operations.rules import OperationState
from maverick_runners.cli.session import session
from tests.runners.conftest import Run, write_list


def asked(by: str = "key:ops") -> None:
    """Ask for a plan of acme's present month, as the HTTP facade does."""
    with session() as wired:
        wired.request_plan("acme", by=by)


def test_what_was_asked_for_is_listed_and_done(acme: Run) -> None:
    """Once: a second run finds nothing that waits."""
    asked()
    (before,) = acme("operations", "list", "-o", "json").json["operations"]

    (done,) = acme("operations", "run", "-o", "json").json["operations"]

    assert (before["state"], before["by"]) == ("queued", "key:ops")
    assert done["state"] == "succeeded"
    assert done["result"]["contacts"] == 30
    assert len(acme("batches", "list", "-o", "json").json) == 1
    assert acme("operations", "run").err.startswith("Nothing that was asked for waits.")


def test_an_operation_is_shown_with_what_came_of_it(acme: Run) -> None:
    """By the name that the HTTP facade gave."""
    asked()
    acme("operations", "run")

    shown = acme("operations", "show", "op_000001")

    assert shown.code == 0
    assert "result: contacts" in shown.out
    assert acme("operations", "show", "op_000002").code == 1
    assert acme("operations", "show", "B-7").code == 2


def test_an_operation_that_cannot_be_done_says_why(acme: Run) -> None:
    """And the command fails; here the month has no target."""
    with session() as wired:
        wired.request_plan("acme", Month(2099, 1), by="key:ops")

    ran = acme("operations", "run", "-o", "json")

    (done,) = ran.json["operations"]
    assert ran.code == 1
    assert done["state"] == "failed"
    assert done["problem"]["code"] == "target_missing"
    assert "target" in acme("operations", "show", "1").err


def test_an_upload_first_makes_the_plans_that_were_asked_for(acme: Run) -> None:
    """And sends round again what was asked to be; then uploads what came of it."""
    with wire(load_settings()) as wired:
        asked = wired.request_plan("acme", by="pat")
    acme("batches", "upload")

    with wire(load_settings()) as wired:
        ended = wired.store.operation(asked.id)
        batches = wired.store.batches()
    assert ended.state is OperationState.SUCCEEDED, ended
    assert ended.result is not None
    assert [batch.contacts for batch in batches] == [ended.result["contacts"]]
    assert {batch.state for batch in batches} == {"uploaded"}


def test_a_target_remembers_who_changed_it_and_why(acme: Run) -> None:
    """Told where it is asked for."""
    acme("targets", "set", "acme", "2199-11", "10", "--reason", "agreed")
    acme("targets", "set", "acme", "2199-11", "20", "--reason", "more")
    shown = acme("targets", "show", "acme", "--month", "2199-11", "--history", "--output", "json")
    table = acme("targets", "show", "acme", "--month", "2199-11", "--history")

    changes = shown.json["history"]
    assert [(each["before"], each["contacts"]) for each in changes] == [(None, 10), (10, 20)]
    assert [each["reason"] for each in changes] == ["agreed", "more"]
    assert "more" in table.out


def test_filtering_that_was_asked_for_judges_what_waits(maverick: Run, folder: Path) -> None:
    """As the command does; the operation says how many have which code."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    maverick("import", write_list(folder / "list.csv", 7), "--workspace", "acme")
    with session() as wired:
        wired.request_filter("acme", by="key:ops")

    (done,) = maverick("operations", "run", "-o", "json").json["operations"]

    assert (done["state"], done["done"]) == ("succeeded", 7)
    assert done["result"]["codes"] == {"kept": 7}


def test_a_run_of_a_source_that_was_asked_for_takes_its_pages(
    maverick: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the command does; asked for twice before a worker comes, it is taken once."""
    monkeypatch.setenv("MAVERICK_SCRAPE_LOOPBACK", "true")
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    with serve(ExampleSites(pages=2, people=3)) as site:
        described = f'name = "directory"\nstart = "{site.url}/directory"\nitem = ".agent"\n'
        described += 'next = "a.next"\n[limits]\nrequests_per_minute = 60000\n'
        (folder / "directory.toml").write_text(described)
        maverick("sources", "add", folder / "directory.toml", "-w", "acme")
        with session() as wired:
            wired.request_run("acme", "directory", by="key:ops")
            wired.request_run("acme", "directory", by="key:ops")
        done = maverick("operations", "run", "-o", "json").json["operations"]

    assert [each["state"] for each in done] == ["succeeded", "succeeded"]
    assert [each["result"]["contacts"] for each in done] == [6, 6]
    (view,) = maverick("sources", "list", "-w", "acme", "-o", "json").json
    assert (view["runs"], view["contacts"]) == (1, 6)
