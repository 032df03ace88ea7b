"""What is asked for elsewhere is done by whoever runs workers, also by those of one command."""

from __future__ import annotations

from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_core.operations.rules import OperationState
from tests.runners.conftest import Run


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
