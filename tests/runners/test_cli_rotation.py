"""The secret key is replaced without a moment's stop, and nothing needs the old one afterwards."""

from __future__ import annotations

import os

import pytest

from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.vault import Vault
from tests.runners.conftest import TOKEN, Run


def change_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """Configure these keys, the first one current."""
    monkeypatch.setenv("MAVERICK_SECRET_KEY", ",".join(keys))


def test_tokens_are_taken_along_and_the_old_key_can_go(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor says when there is something to do, a dry run how much, and nobody shows a key."""
    old, new = os.environ["MAVERICK_SECRET_KEY"], Vault.new_key()
    change_keys(monkeypatch, new, old)

    said = acme("doctor", "--offline")
    dry = acme("tokens", "rotate-key", "--dry-run", "-o", "json")
    done = acme("tokens", "rotate-key")
    again = acme("tokens", "rotate-key", "-o", "json").json

    assert "Tokens that are not encrypted with the first secret key: 1." in said.out
    with wire(load_settings()) as wired:
        actions = [entry.action for entry in wired.store.audit_entries()]
    assert actions.count("tokens.rotate-key") == 4  # begun and done, twice; not the dry run
    assert (said.code, dry.code, done.code) == (1, 0, 0)
    assert (dry.json["rotation"]["old"], again["rotation"]["old"]) == (1, 0)
    assert len(again["configured"]) == 2
    assert "no other key is needed" in done.err
    shown = f"{said.out}{dry.out}{done.out}{done.err}"
    assert not any(secret in shown for secret in (old, new, TOKEN))

    change_keys(monkeypatch, new)
    assert acme("tokens", "test", "acme").code == 0
    assert "first secret key" not in acme("doctor", "--offline").out
    change_keys(monkeypatch, old)
    refused = acme("tokens", "test", "acme")
    assert (refused.code, "secret_key_wrong" in refused.err) == (4, True)


def test_a_token_of_a_lost_key_is_named_with_what_to_do(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3: the rest is done."""
    change_keys(monkeypatch, Vault.new_key())

    done = acme("tokens", "rotate-key")

    assert done.code == 3
    assert "not configured" in done.out
    assert "acme: no configured key decrypts its token." in done.err
    assert "maverick tokens set acme" in done.err


def test_without_a_key_the_command_says_where_it_belongs(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, as for any setting that is wrong."""
    monkeypatch.delenv("MAVERICK_SECRET_KEY")

    ran = acme("tokens", "rotate-key")

    assert (ran.code, "secret_key_missing" in ran.err) == (2, True)
