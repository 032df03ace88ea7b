"""The main job from the command line: list, target, batches, upload, account."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts.bison.stub import BisonStub, Fault
from maverick_adapters.bison.bison import BisonSink
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import PushAnswer
from tests.runners.conftest import TOKEN, Run, write_list

UPSERT = "/api/leads/create-or-update/multiple"


def test_contacts_go_from_a_list_to_the_target_and_are_all_accounted_for(
    acme: Run, stub: BisonStub
) -> None:
    """The target binds: 30 of 40 contacts are planned, uploaded and counted."""
    created = acme("batches", "create", "--workspace", "acme", "-o", "json").json

    assert (created["batches"], created["contacts"], created["verified"]) == (1, 30, 40)
    assert acme("batches", "upload").code == 0

    shown = acme("targets", "show", "acme", "--recount", "-o", "json").json
    figures = {
        key: shown[key]
        for key in ("target", "uploaded", "reserved", "skipped", "rejected", "in_doubt")
    }
    assert figures == {
        "target": 30,
        "uploaded": 30,
        "reserved": 0,
        "skipped": 0,
        "rejected": 0,
        "in_doubt": 0,
    }
    assert (shown["remaining"], shown["forecast"]["outlook"]) == (0, "reached")
    assert len(stub.held("Acme")) == 30


def test_a_dry_run_of_planning_changes_nothing(acme: Run) -> None:
    """``--dry-run`` says what would be and leaves no batch behind."""
    plan = acme("batches", "create", "--workspace", "acme", "--dry-run", "-o", "json").json

    assert (plan["contacts"], plan["names"], plan["dry_run"]) == (30, [], True)
    assert acme("batches", "list", "-o", "json").json == []


def test_a_second_plan_stays_within_the_target(acme: Run) -> None:
    """It finds the room taken and says so; nothing is planned twice."""
    first = acme("batches", "create", "--workspace", "acme", "-o", "json").json
    second = acme("batches", "create", "--workspace", "acme", "-o", "json").json

    assert (first["contacts"], second["contacts"]) == (30, 0)
    assert second["why_no_more"] == "The target has no more room."


def test_a_refused_token_fails_one_batch_and_holds_the_others(acme: Run, stub: BisonStub) -> None:
    """One incident, one failed batch; a tested token and a re-queue bring all of it home."""
    acme("batches", "create", "--workspace", "acme", "--batch-size", "10")
    stub.script(Fault("expire_token", path=UPSERT, token=TOKEN, nth=1, times=1))

    assert acme("batches", "upload").code == 1
    states = sorted(b["state"] for b in acme("batches", "list", "-o", "json").json)
    assert states == ["failed", "ready", "ready"]
    refused = acme("tokens", "test", "acme")
    assert (refused.code, "✕" in refused.err) == (1, True)

    stub.replace_token("Acme", "1|renewed")
    said = acme("tokens", "set", "acme", stdin="1|renewed\n")
    assert "requeue" in said.err
    assert acme("batches", "requeue", "--workspace", "acme", "--code", "token_refused").code == 0
    assert acme("batches", "upload").code == 0
    assert acme("targets", "show", "acme", "-o", "json").json["uploaded"] == 30


def test_a_batch_of_a_dead_worker_is_not_waited_for_while_its_workspace_is_on_hold(
    acme: Run,
) -> None:
    """Its lease has run out, but nobody may take it before a good token is stored."""
    acme("batches", "create", "--workspace", "acme", "--batch-size", "10")
    with wire(load_settings()) as wired:
        wired.store.claim(1, worker="died", lease_seconds=0)
        status = wired.store.token_status(1)
        assert status
        wired.store.refuse_token(1, set_at=status.set_at, at=wired.clock.now())
    ran = acme("batches", "upload")

    assert ran.code == 4
    assert "batches that wait for a good token: 3" in ran.err


def test_what_bison_skips_or_refuses_is_named_and_not_counted(acme: Run, stub: BisonStub) -> None:
    """Skipped and rejected contacts give their room back, with a reason each."""
    stub.script(Fault("skip_rows", emails=frozenset({"p1@list.example", "p2@list.example"})))
    stub.refuse("p3@list.example")
    acme("batches", "create", "--workspace", "acme")

    assert acme("batches", "upload").code == 0
    shown = acme("targets", "show", "acme", "-o", "json").json
    assert (shown["uploaded"], shown["skipped"], shown["rejected"]) == (27, 2, 1)
    assert shown["room"] == 3
    batch = acme("batches", "show", "B-1", "-o", "json").json
    reasons = {c["email"]: c["state"] for c in batch["contacts_listed"]}
    assert reasons == {
        "p1@list.example": "skipped",
        "p2@list.example": "skipped",
        "p3@list.example": "rejected",
    }


def test_an_answer_lost_after_acceptance_is_settled_not_guessed(acme: Run, stub: BisonStub) -> None:
    """The chunk is sent again, the upsert changes nothing, each contact counts once."""
    stub.script(Fault("drop_after", path=UPSERT, times=1))
    acme("batches", "create", "--workspace", "acme")

    assert acme("batches", "upload").code == 0
    assert acme("targets", "show", "acme", "-o", "json").json["uploaded"] == 30
    assert set(stub.pushes.values()) == {2}


def test_an_upload_that_breaks_off_says_how_long_it_takes_to_go_on(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect costs the lease's time and is told; the same command brings the batch home."""
    whole, defects = BisonSink.push, iter(["a defect"])

    def broken_once(sink: BisonSink, leads: Sequence[Lead]) -> PushAnswer:
        for defect in defects:
            raise AssertionError(defect)
        return whole(sink, leads)

    monkeypatch.setattr(BisonSink, "push", broken_once)
    acme("batches", "create", "--workspace", "acme")
    ran = acme("batches", "upload")

    assert ran.code == 0
    assert "goes on from the record when its lease has ended" in ran.err
    assert "AssertionError: a defect" in ran.err
    assert acme("targets", "show", "acme", "-o", "json").json["uploaded"] == 30


def test_a_contact_is_traced_in_any_spelling(acme: Run) -> None:
    """The trace tells import, batch and answer, and where the contact is now."""
    acme("batches", "create", "--workspace", "acme")
    acme("batches", "upload")
    trace = acme("contacts", "trace", " P5@LIST.example ", "-w", "acme", "-o", "json").json

    assert trace["state"] == "uploaded"
    assert trace["batch_id"] == 1
    assert len(trace["steps"]) >= 3


def test_a_cancelled_batch_frees_its_contacts(acme: Run) -> None:
    """Nothing was sent, so the batch is cancelled at once and can be planned again."""
    acme("batches", "create", "--workspace", "acme")
    assert acme("batches", "cancel", "B-000001", "-o", "json").json["state"] == "cancelled"

    again = acme("batches", "create", "--workspace", "acme", "-o", "json").json
    assert again["contacts"] == 30
    second = acme("batches", "cancel", "B-1")
    assert (second.code, "cancelled already" in second.err) == (1, True)


def test_a_batch_is_requeued_only_when_it_failed(acme: Run) -> None:
    """Re-queueing a waiting or uploaded batch changes nothing and says why."""
    acme("batches", "create", "--workspace", "acme")
    waiting = acme("batches", "requeue", "B-1")
    acme("batches", "upload")
    uploaded = acme("batches", "requeue", "B-1")

    assert (waiting.code, "waits to be uploaded already" in waiting.err) == (1, True)
    assert (uploaded.code, "it was uploaded" in uploaded.err) == (1, True)


def test_a_dry_run_of_requeueing_says_what_would_be_refused(acme: Run) -> None:
    """It promises nothing that the command without it would not do."""
    acme("batches", "create", "--workspace", "acme")
    waiting = acme("batches", "requeue", "B-1", "--dry-run")
    absent = acme("batches", "requeue", "B-99", "--dry-run")
    nobodys = acme("batches", "requeue", "--workspace", "nobody")

    assert (waiting.code, "waits to be uploaded already" in waiting.err) == (1, True)
    assert (absent.code, "B-000099" in absent.err) == (1, True)
    assert (nobodys.code, "nobody" in nobodys.err) == (1, True)


def test_a_decision_is_kept_with_who_made_it_even_without_a_name(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container often runs as a number that no file knows."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654)
    acme("batches", "create", "--workspace", "acme")
    acme("batches", "cancel", "B-1")
    (decision,) = acme("batches", "show", "B-1", "-o", "json").json["decisions"]

    assert (decision["action"], decision["by"]) == ("cancel", "user 987654")


def test_uploading_without_anything_to_upload_says_so(acme: Run) -> None:
    """The empty state names the next command."""
    ran = acme("batches", "upload")

    assert (ran.code, "batches create" in ran.err) == (0, True)


def test_watch_ends_with_the_batch(acme: Run) -> None:
    """Following a batch that is over prints it and returns at once."""
    acme("batches", "create", "--workspace", "acme")
    acme("batches", "upload")

    assert acme("batches", "watch", "B-1", "-o", "json").json["state"] == "uploaded"


def test_importing_the_same_list_twice_adds_nothing(acme: Run, folder: Path) -> None:
    """Every row of the second run is a named reject; the first run's contacts stay."""
    ran = acme("import", folder / "list.csv", "--workspace", "acme", "--verified", "-o", "json")

    assert ran.code == 1
    assert acme("targets", "show", "acme", "-o", "json").json["supply"] == 40


def test_more_batches_than_are_uploaded_at_a_time_are_all_uploaded(
    acme: Run, stub: BisonStub, folder: Path
) -> None:
    """Fifteen batches wait for a few threads; the account is exact however they were taken."""
    write_list(folder / "more.csv", 60, start=100)
    acme("import", folder / "more.csv", "--workspace", "acme", "--verified")
    month = acme("targets", "show", "acme", "-o", "json").json["month"]
    acme("targets", "set", "acme", month, "100")
    acme("batches", "create", "--workspace", "acme", "--batch-size", "7")

    assert acme("batches", "upload").code == 0
    assert acme("targets", "show", "acme", "-o", "json").json["uploaded"] == 100
    assert len(stub.held("Acme")) == 100


def test_a_workspace_is_changed_for_what_is_planned_next(acme: Run) -> None:
    """Batch size and campaign; what is not named stays, and 0 takes the campaign away."""
    changed = acme(
        "workspaces", "set", "acme", "--batch-size", "7", "--campaign", "42", "-o", "json"
    ).json

    assert (changed["batch_size"], changed["campaign_id"]) == (7, 42)
    assert changed["timezone"] == "America/New_York"
    without = acme("workspaces", "set", "acme", "--campaign", "0", "-o", "json").json
    assert (without["batch_size"], without["campaign_id"]) == (7, None)
    assert [w["slug"] for w in acme("workspaces", "list", "-o", "json").json] == ["acme"]
    assert acme("batches", "create", "--workspace", "acme", "-o", "json").json["batches"] == 5
