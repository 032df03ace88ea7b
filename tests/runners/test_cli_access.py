"""Keys on the command line, and the record of who changed what."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from maverick_core.access.credentials import bearer, digest_sent
from tests.runners.conftest import TOKEN, Run


def test_a_new_key_is_all_that_goes_to_stdout(acme: Run) -> None:
    """So that a script can take it; the words to it are on stderr, without it."""
    ran = acme("keys", "create", "portal", "--role", "client", "--workspace", "acme")

    secret = ran.out.removesuffix("\n")
    assert ran.code == 0
    assert digest_sent(bearer(secret))
    assert "the workspace acme" in ran.err
    assert secret not in ran.err


def test_a_key_is_never_shown_again(acme: Run, folder: Path) -> None:
    """Not by a list, not by the audit log, and no dump of the database holds it."""
    secret = acme("keys", "create", "ops", "--role", "admin").out.strip()
    shown = [
        acme(*command, *form)
        for command in (["keys", "list"], ["audit", "list"], ["keys", "revoke", "ops"])
        for form in ([], ["-o", "json"])
    ]

    with sqlite3.connect(folder / "test.db") as database:
        dump = "\n".join(database.iterdump())
    assert "api_keys" in dump
    for text in (dump, *(ran.out + ran.err for ran in shown)):
        assert secret not in text
        assert secret.removeprefix("mav_live_")[8:] not in text


def test_a_key_as_json_says_what_it_allows(acme: Run) -> None:
    """The secret beside it, this once."""
    made = acme(
        *("keys", "create", "reader", "--role", "operator", "--scope", "batches:read"),
        *("--expires-in-days", "30", "-o", "json"),
    ).json
    [listed] = acme("keys", "list", "-o", "json").json["keys"]

    assert made["key"] == listed
    assert made["secret"].startswith(listed["prefix"])
    assert (listed["scopes"], listed["role"]) == (["batches:read"], "operator")
    assert listed["expires_at"]


def test_keys_are_listed_with_their_state(acme: Run) -> None:
    """What each reaches, and whether it is still good."""
    assert "There is no key yet" in acme("keys", "list").err
    acme("keys", "create", "one", "--role", "viewer")
    acme("keys", "create", "two", "--role", "viewer", "--expires-in-days", "1")
    acme("keys", "create", "three", "--role", "client", "--workspace", "acme")
    acme("keys", "revoke", "one")

    rows = [line.split() for line in acme("keys", "list").out.splitlines() if "…" in line]
    assert [row[0] for row in rows] == ["three", "two", "one"]
    assert [row[-2] for row in rows[1:]] == ["expires", "revoked"]
    assert (rows[0][3], rows[0][-1]) == ("acme", "good")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "a key", "--role", "viewer"], 2, "cannot name a key"),
        (["create", "portal", "--role", "client"], 2, "Name the client's workspace"),
        (["create", "portal", "--role", "viewer", "--scope", "audit:read"], 2, "audit:read"),
        (["create", "portal", "--role", "viewer", "--expires-in-days", "0"], 2, "0 days"),
        (["create", "portal", "--role", "viewer", "--workspace", "nobody"], 1, "nobody"),
        (["create", "taken", "--role", "viewer"], 1, "already"),
        (["create", "portal", "--role", "king"], 2, "king"),
        (["revoke", "nobody"], 1, "No key that is good"),
    ],
)
def test_a_key_that_cannot_be_is_explained(
    acme: Run, arguments: list[str], code: int, words: str
) -> None:
    """And nothing goes to stdout that could be taken for one."""
    acme("keys", "create", "taken", "--role", "viewer")

    ran = acme("keys", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def entries(maverick: Run, *options: str) -> list[dict[str, Any]]:
    """Return the audit log, the oldest first."""
    listed: list[dict[str, Any]] = maverick("audit", "list", *options, "-o", "json").json["entries"]
    return listed[::-1]


def test_what_commands_change_is_on_record(acme: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after, by whom, in order."""
    monkeypatch.setenv("LOGNAME", "pat")
    month = acme("targets", "show", "acme", "-o", "json").json["month"]
    before = len(entries(acme))
    acme("workspaces", "set", "acme", "--batch-size", "10")
    acme("tokens", "set", "acme", stdin=TOKEN + "\n")
    acme("tokens", "test", "acme")
    acme("targets", "set", "acme", month, "20")
    acme("batches", "create", "--workspace", "acme", "--dry-run")
    acme("batches", "create", "--workspace", "acme", "--month", month)
    acme("batches", "requeue", "B-1")
    acme("batches", "cancel", "B-1", "--reason", "ada@agency.example asked")
    acme("keys", "create", "ops", "--role", "admin")
    acme("keys", "revoke", "ops")

    found = entries(acme)[before:]
    assert [(each["action"], each["subject"], each["result"]) for each in found] == [
        (action, subject, result)
        for action, subject, end in (
            ("workspaces.set", "acme", "done"),
            ("tokens.set", "acme", "done"),
            ("tokens.test", "acme", "done"),
            ("targets.set", f"acme/{month}", "done"),
            ("batches.create", f"acme/{month}", "done"),
            ("batches.requeue", "B-000001", "not_failed"),
            ("batches.cancel", "B-000001", "done"),
            ("keys.create", "ops", "done"),
            ("keys.revoke", "ops", "done"),
        )
        for result in ("begun", end)
    ]
    assert {each["actor"] for each in found} == {"cli:pat"}
    assert [each["slug"] for each in found] == ["acme"] * 14 + [None] * 4
    assert TOKEN not in str(found)
    assert "agency.example" not in str(found)


def test_an_attempt_that_fails_is_on_record(acme: Run) -> None:
    """With the code that the one who tried was told."""
    acme("tokens", "set", "acme", stdin="1|wrong\n")
    acme("workspaces", "add", "acme", "--timezone", "UTC")

    last = entries(acme)[-4:]
    assert [each["result"] for each in last] == [
        "begun",
        "token_refused",
        "begun",
        "workspace_exists",
    ]


def test_the_audit_log_is_listed_by_workspace(acme: Run) -> None:
    """As a table too, and no more of it than was asked for."""
    acme("workspaces", "add", "zeta", "--timezone", "UTC")

    table = acme("audit", "list", "--workspace", "zeta", "--limit", "1")
    assert table.out.count("workspaces.add") == 1
    assert "done" in table.out
    assert {each["slug"] for each in entries(acme, "--workspace", "zeta")} == {"zeta"}
    assert "Nothing was changed" in acme("audit", "list", "--workspace", "nobody").err
