"""What a person gets wrong: a clear error, the right exit code, nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.bison.stub import BisonStub
from tests.runners.conftest import TOKEN, Run


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["workspaces", "add", "Acme!", "--timezone", "UTC"], 2, "cannot name a workspace"),
        (["workspaces", "add", "acme", "--timezone", "New York"], 2, "not a time zone"),
        (["workspaces", "add", "acme", "--timezone", "UTC", "--batch-size", "0"], 2, "batch size"),
        (["targets", "show", "nobody"], 1, "nobody"),
        (["batches", "show", "B-99"], 1, "B-000099"),
        (["batches", "show", "ninety"], 2, "does not name a batch"),
        (["batches", "requeue"], 2, "Which batches?"),
        (["tokens", "test", "nobody"], 1, "nobody"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_a_wrong_word_is_explained(
    maverick: Run, arguments: list[str], code: int, words: str
) -> None:
    """The message names what is wrong; the exit code says whose turn it is."""
    ran = maverick(*arguments)

    assert ran.code == code
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("month", "target", "words"),
    [
        ("2026-13", "5", "not a month"),
        ("november", "5", "not a month"),
        ("2026-11", "-5", ""),
        ("2026-11", "1000000000", "target"),
    ],
)
def test_a_target_that_cannot_be_is_refused(acme: Run, month: str, target: str, words: str) -> None:
    """Months are YYYY-MM, targets whole and not absurd."""
    ran = acme("targets", "set", "acme", month, target)

    assert ran.code == 2
    assert words in ran.err


def test_a_target_of_zero_plans_nothing_and_says_why(acme: Run) -> None:
    """Zero is a target: nothing is to be uploaded this month."""
    month = acme("targets", "show", "acme", "-o", "json").json["month"]
    acme("targets", "set", "acme", month, "0")
    plan = acme("batches", "create", "--workspace", "acme", "-o", "json").json

    assert (plan["contacts"], plan["why_no_more"]) == (
        0,
        "The target is 0: nothing is to be uploaded.",
    )


def test_a_month_that_is_over_is_not_planned(acme: Run) -> None:
    """A contact counts in the month it is uploaded for, and that one is past."""
    acme("targets", "set", "acme", "2020-01", "10")
    ran = acme("batches", "create", "--workspace", "acme", "--month", "2020-01")

    assert (ran.code, "is over in America/New_York" in ran.err) == (2, True)
    assert acme("batches", "list", "-o", "json").json == []


def test_planning_without_a_target_names_the_command_that_sets_one(
    acme: Run,
) -> None:
    """No target is not a target of nothing."""
    ran = acme("batches", "create", "--workspace", "acme", "--month", "2199-12")

    assert ran.code == 1
    assert "targets set" in ran.err


def test_a_workspace_without_a_token_waits_and_says_for_what(
    maverick: Run, folder: Path, stub: BisonStub
) -> None:
    """Its batches stay ready; nothing is sent; the message names the command."""
    maverick("workspaces", "add", "acme", "--timezone", "UTC")
    month = maverick("targets", "show", "acme", "-o", "json").json["month"]
    maverick("targets", "set", "acme", month, "5")
    (folder / "l.csv").write_text("email,first name\na@list.example,Ada\n")
    maverick("import", folder / "l.csv", "--workspace", "acme", "--verified")
    maverick("batches", "create", "--workspace", "acme")
    ran = maverick("batches", "upload")

    assert ran.code == 4
    assert "tokens set acme" in ran.err
    assert stub.requests.total == 0


@pytest.mark.parametrize("token", ["", "two words", "new\nline|x", "é|x"])
def test_what_cannot_be_a_token_is_refused_before_anybody_is_asked(
    maverick: Run, stub: BisonStub, token: str
) -> None:
    """A token is one printable ASCII word; its text is not repeated."""
    maverick("workspaces", "add", "acme", "--timezone", "UTC")
    before = stub.requests.total
    ran = maverick("tokens", "set", "acme", stdin=token)

    if "\n" in token:  # only the first line is the token, and nobody knows it
        assert ran.code == 1
        return
    assert (ran.code, stub.requests.total) == (2, before)


def test_a_token_of_another_bison_workspace_is_not_taken_by_mistake(
    acme: Run, stub: BisonStub
) -> None:
    """The workspace keeps its token until the change is confirmed."""
    stub.add_workspace("Birch", "2|birch", id=22)
    refused = acme("tokens", "set", "acme", stdin="2|birch\n")
    confirmed = acme("tokens", "set", "acme", "--replace-workspace", stdin="2|birch\n")

    assert (refused.code, "Birch" in refused.err) == (1, True)
    assert confirmed.code == 0


def test_a_token_of_another_client_is_not_taken_by_mistake(acme: Run) -> None:
    """Two workspaces upload to one Bison workspace only if somebody says so."""
    acme("workspaces", "add", "birch", "--timezone", "UTC")
    refused = acme("tokens", "set", "birch", stdin=TOKEN)
    listed = acme("tokens", "list", "-o", "json").json
    confirmed = acme("tokens", "set", "birch", "--replace-workspace", stdin=TOKEN)
    again = acme("tokens", "set", "birch", stdin=TOKEN)

    assert (refused.code, "which another workspace uploads to" in refused.err) == (1, True)
    assert [row["token"] for row in listed if row["workspace"] == "birch"] == [None]
    assert (confirmed.code, again.code) == (0, 0)


def test_the_token_is_never_shown(acme: Run, folder: Path) -> None:
    """Not in any output, and not in clear in the database."""
    printed = [acme("tokens", "list"), acme("tokens", "test", "acme"), acme("doctor")]

    assert not any(TOKEN in ran.out + ran.err for ran in printed)
    assert TOKEN.encode() not in (folder / "test.db").read_bytes()


def test_a_missing_secret_key_is_named_with_the_command_that_makes_one(
    maverick: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what needs the key asks for it."""
    monkeypatch.delenv("MAVERICK_SECRET_KEY")
    assert maverick("workspaces", "add", "acme", "--timezone", "UTC").code == 0
    ran = maverick("tokens", "set", "acme", stdin=TOKEN)

    assert ran.code == 2
    assert "maverick init" in ran.err


def test_a_wrong_secret_key_fails_no_batch(acme: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is the operator's slip, so batches stay ready until it is right again."""
    acme("batches", "create", "--workspace", "acme")
    monkeypatch.setenv("MAVERICK_SECRET_KEY", "A" * 43 + "=")
    ran = acme("batches", "upload")

    assert ran.code == 4
    assert "MAVERICK_SECRET_KEY" in ran.err
    assert [b["state"] for b in acme("batches", "list", "-o", "json").json] == ["ready"]


def test_wrong_settings_are_named_all_at_once(
    maverick: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line a variable, without its value."""
    monkeypatch.setenv("MAVERICK_LEASE_SECONDS", "soon")
    monkeypatch.setenv("MAVERICK_LOG_FORMAT", "morse")
    ran = maverick("workspaces", "list")

    assert ran.code == 2
    assert "MAVERICK_LEASE_SECONDS" in ran.err
    assert "MAVERICK_LOG_FORMAT" in ran.err
    assert "soon" not in ran.err


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:hunter2@127.0.0.1:1/x", "sqlite:////no/such/folder/x.db", "mysql://x"],
)
def test_a_database_that_is_not_there_is_named_without_its_password(
    maverick: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The variable is named, the password is not."""
    monkeypatch.setenv("MAVERICK_DATABASE_URL", url)
    ran = maverick("workspaces", "list")

    assert ran.code in {2, 4}
    assert "MAVERICK_DATABASE_URL" in ran.err
    assert "hunter2" not in ran.err


def test_init_writes_a_key_once(maverick: Run, folder: Path) -> None:
    """An existing .env is left alone, because its key opens the stored tokens."""
    assert maverick("init").code == 0
    text = (folder / ".env").read_text()

    assert "\nMAVERICK_SECRET_KEY=" in text
    assert ((folder / ".env").stat().st_mode & 0o077) == 0
    assert maverick("init").code == 1
    assert (folder / ".env").read_text() == text


@pytest.mark.parametrize("command", [["serve"], ["doctor", "--offline"]])
def test_proxies_that_are_no_networks_are_named_before_anything_starts(
    maverick: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """Not by a worker of the server, which nobody watches."""
    monkeypatch.setenv("MAVERICK_HTTP_TRUSTED_PROXIES", "my-proxy")
    ran = maverick(*command)

    assert ran.code == 2
    assert "MAVERICK_HTTP_TRUSTED_PROXIES: Write networks" in ran.err + ran.out
