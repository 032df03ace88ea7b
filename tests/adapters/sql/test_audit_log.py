"""The audit log is append-only by the database itself, whoever speaks to it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from maverick_adapters.memory import ManualClock, MemoryRandomness
from maverick_adapters.sql import SqlStore
from maverick_adapters.sql.errors import DefectError, translated
from maverick_adapters.sql.migrate import downgrade
from maverick_adapters.sql.tables import api_keys
from maverick_adapters.vault import Vault
from maverick_core.access.credentials import bearer, digest_of
from maverick_core.access.rules import Role
from maverick_core.access.service import Authenticate, CreateKey


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    """Open a store with one entry in its audit log."""
    clock = ManualClock()
    store = SqlStore(engine, clock, Vault.from_secret(Vault.new_key()))
    store.audit(actor="cli:pat", action="keys.create", subject="ops", result="done", at=clock.now())
    return store


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'cli:somebody else'",
        "UPDATE audit_log SET id = id WHERE actor = 'cli:pat'",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE subject = 'ops'",
    ],
)
def test_an_entry_cannot_be_changed_or_deleted(
    engine: Engine, store: SqlStore, statement: str
) -> None:
    """Not by the statements that the product never makes; the entry stays as it was."""
    before = store.audit_entries()

    with (
        pytest.raises(DefectError, match="audit_log is append-only"),
        translated(engine.url),
        engine.begin() as connection,
    ):
        connection.execute(text(statement))

    assert store.audit_entries() == before
    assert len(before) == 1


def test_the_log_cannot_be_emptied_at_a_stroke(engine: Engine, store: SqlStore) -> None:
    """PostgreSQL's TRUNCATE passes the triggers of rows by; SQLite has none."""
    if engine.dialect.name == "sqlite":
        return

    with (
        pytest.raises(DefectError, match="append-only"),
        translated(engine.url),
        engine.begin() as connection,
    ):
        connection.execute(text("TRUNCATE audit_log CASCADE"))

    assert len(store.audit_entries()) == 1


def test_a_step_back_takes_the_log_with_it(engine: Engine, store: SqlStore) -> None:
    """Whoever owns the database may go back; nothing of the triggers stays behind."""
    assert store.audit_entries()

    downgrade(engine, "0003")

    assert "audit_log" not in inspect(engine).get_table_names()


def test_no_row_holds_the_secret_of_a_key(engine: Engine, store: SqlStore) -> None:
    """Its SHA-256 and how it begins are all there is, and enough to know it by."""
    clock = ManualClock()
    created = CreateKey(store, MemoryRandomness(), clock)("ops", Role.ADMIN)
    caller = Authenticate(store, clock)(bearer(created.secret))

    with engine.connect() as connection:
        row: dict[str, Any] = dict(connection.execute(api_keys.select()).mappings().one())
    held = b"\0".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    assert caller.name == "ops"
    assert digest_of(created.secret) in held
    assert created.secret.encode()[len(created.key.prefix) :] not in held
