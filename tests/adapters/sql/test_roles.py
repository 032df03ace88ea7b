"""The application does its work without owning its tables, and cannot rewrite what it did."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from contracts.bison.stub import BisonStub, serve
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, revision_state, roles, upgrade
from maverick_adapters.sql.roles import grants
from maverick_adapters.sql.tables import metadata
from maverick_adapters.vault import Vault
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.workspaces.rules import new_workspace
from tests.adapters.sql.conftest import NewDatabase

TOKEN = "1|acme-token"  # noqa: S105 - of a stub
HISTORY = ("audit_log", "batch_decisions", "disposable_journal", "target_changes", "uploads")


@dataclass(frozen=True)
class Server:
    """A database as its owner sees it, and its address for the application."""

    owner: Engine
    role: str
    url: str


@pytest.fixture
def server(new_postgres: NewDatabase) -> Iterator[Server]:
    """Make a database with its tables, and a role that was granted what it needs."""
    url = new_postgres()
    role, password = f'app "{secrets.token_hex(4)}"', secrets.token_urlsafe(12)
    owner = open_engine(url, pool_size=2)
    upgrade(owner)
    run(
        owner,
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), password),
        *map(sql.SQL, grants(role)),
    )
    address = make_url(url).set(username=role, password=password)
    yield Server(owner, role, address.render_as_string(hide_password=False))
    name = sql.Identifier(role)
    run(owner, sql.SQL("DROP OWNED BY {}").format(name), sql.SQL("DROP ROLE {}").format(name))
    owner.dispose()


def run(engine: Engine, *statements: sql.Composable) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.as_string(None))


@pytest.fixture
def app(server: Server) -> Iterator[Wired]:
    """Give the application, logged in with its role, and a stub to upload to."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    with serve(stub, 0) as bison:
        settings = load_settings(
            bison_url=bison.url,
            database_url=server.url,
            secret_key=f"{Vault.new_key()},{Vault.new_key()}",
        )
        with wire(settings) as wired:
            yield wired


def test_the_main_job_needs_no_more_than_it_was_granted(app: Wired) -> None:
    """From a workspace to a counted upload, with a cancel and a new key on the way."""
    current, head = revision_state(app.engine)
    app.store.add_workspace(new_workspace("acme", "UTC", batch_size=3))
    app.set_token("acme", TOKEN)
    workspace = app.store.workspace("acme")
    now = app.clock.now()
    month = Month.of(now, workspace.zone)
    import_id = app.store.begin_import(workspace.id, "list.csv", at=now)
    people = [
        NewContact(f"p{n}@list.example", "Pat", None, None, None, None, None) for n in range(9)
    ]
    app.store.add_contacts(import_id, people, rows_read=9, at=now)
    app.store.finish_import(import_id, at=now)
    app.set_target("acme", month, 6)
    first = app.plan_batches("acme").first_id or 0
    app.cancel_batch(first + 1, by="pat", reason="too many")
    app.upload_batch(first, worker="here")
    app.rotate_key()
    app.store.forget_jobs(before=now)

    assert current == head
    assert app.store.batch(first).state is BatchState.UPLOADED
    assert app.store.recount(workspace.id, month).uploaded == 3


def may(connection: Connection, role: str, table: str, right: str) -> bool:
    statement = text("SELECT has_table_privilege(:role, :table, :right)")
    return bool(
        connection.execute(statement, {"role": role, "table": table, "right": right}).scalar_one()
    )


def test_every_table_can_be_read_and_none_be_emptied(server: Server) -> None:
    """A table that was forgotten would show in the next deployment only."""
    with server.owner.connect() as connection:
        for table in metadata.tables:
            assert may(connection, server.role, table, "SELECT")
            assert may(connection, server.role, table, "INSERT")
            for right in ("TRUNCATE", "REFERENCES", "TRIGGER"):
                assert not may(connection, server.role, table, right)


def test_history_can_be_added_to_and_not_rewritten(server: Server) -> None:
    """Who did what, and what was decided."""
    with server.owner.connect() as connection:
        allowed = [
            (table, right)
            for table in (*HISTORY, "alembic_version", "pipeline_stats_cache")
            for right in ("UPDATE", "DELETE")
            if may(connection, server.role, table, right)
        ]

    assert allowed == []


def test_the_ledger_and_the_contacts_cannot_be_deleted(server: Server) -> None:
    """What was counted is there to be counted again."""
    with server.owner.connect() as connection:
        for table in ("contacts", "outcomes", "contact_batches", "bison_tokens", "api_keys"):
            assert not may(connection, server.role, table, "DELETE")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE planted (id int)",
        "ALTER TABLE contacts ADD COLUMN planted int",
        "DROP TABLE audit_log",
        "TRUNCATE audit_log",
        "UPDATE audit_log SET actor = 'nobody'",
        "DELETE FROM audit_log",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "CREATE ROLE planted",
    ],
)
def test_the_application_cannot_change_the_tables_or_cover_up(
    server: Server, statement: str
) -> None:
    """Said by the database: no program can forget to."""
    engine = open_engine(server.url, pool_size=1)
    with engine.connect() as connection, pytest.raises(ProgrammingError) as refused:
        connection.exec_driver_sql(statement)
    engine.dispose()

    assert getattr(refused.value.orig, "sqlstate", None) == "42501"


def test_a_table_that_the_programs_delete_from_may_be_deleted_from() -> None:
    """By the role that they log in as; found by name in the store's own statements."""
    store = Path(roles.__file__).parent / "store"
    texts = "\n".join(path.read_text() for path in store.glob("*.py"))
    calls = re.findall(r"\b(?:delete\(|replace_rows\(|_replace\(connection,)([^()]*)\)", texts)
    deleted = set(re.findall(r"\w+", " ".join(calls))) & set(metadata.tables)

    assert {"suppressions", "mail_domains", "master_contacts"} <= deleted
    assert deleted <= {name for name in metadata.tables if "DELETE" in roles.rights_on(name)}
