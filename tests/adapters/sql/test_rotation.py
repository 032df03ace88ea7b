"""A token that somebody stores while a rotation works on the one before is not undone by it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from maverick_adapters.memory import ManualClock
from maverick_adapters.sql import SqlStore
from maverick_adapters.vault import Sealed, Vault
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import new_workspace

IDENTITY = TokenIdentity(7, "Acme Insurance")
KEYS = {"old": b"o" * 32, "new": b"n" * 32}


class Meddled(Vault):
    """A vault during whose work something else happens."""

    meanwhile: Callable[[], None] | None = None

    def seal(self, workspace_id: int, token: str) -> Sealed:
        if self.meanwhile:
            self.meanwhile()
        return super().seal(workspace_id, token)


def test_a_token_stored_between_reading_and_writing_stays(engine: Engine) -> None:
    """Even where it was stored with the old key: its row is not the one that was read."""
    clock = ManualClock()
    other = SqlStore(engine, clock, Vault(KEYS, "old"))
    acme = other.add_workspace(new_workspace("acme", "UTC")).id
    other.store_token(acme, "1|before", IDENTITY, at=clock.now())
    vault = Meddled(KEYS, "new")
    rotating = SqlStore(engine, clock, vault)
    vault.meanwhile = lambda: other.store_token(acme, "2|after", IDENTITY, at=clock.now())

    assert not rotating.reseal_token(acme)
    vault.meanwhile = None
    assert other.reveal_token(acme) == "2|after"
    assert dict(other.tokens_by_key()) == {"old": 1}
    assert rotating.reseal_token(acme)
    assert rotating.reveal_token(acme) == "2|after"
    assert dict(other.tokens_by_key()) == {"new": 1}
