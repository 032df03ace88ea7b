"""The made-up agency that is uploaded: ten workspaces with verified contacts, in a database."""

from __future__ import annotations

from sqlalchemy import Connection, text

from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.system import SystemClock
from maverick_adapters.vault import Vault
from maverick_core.kernel.time import Month
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import new_workspace

WORKSPACES = 10

_CONTACTS = text("""
INSERT INTO contacts (workspace_id, email, first_name, last_name, title, company, variables,
                      import_id, verified_at)
SELECT :workspace, 'person' || n || '@agency' || n % 997 || '.example', 'Robin', 'Example ' || n,
       'Owner', 'Example Agency ' || n % 997, '{"state": "TX"}', :import_id, now()
FROM generate_series(1, :contacts) AS n
""")
_IMPORT = text("""
INSERT INTO imports (workspace_id, file_name, rows, added, rejected, started_at, finished_at)
VALUES (:workspace, 'list.csv', :contacts, :contacts, 0, now(), now()) RETURNING id
""")


def build(address: str, key: str, *, contacts: int) -> None:
    """Fill an empty database with ``contacts`` contacts, ready to be planned."""
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    clock = SystemClock()
    store = SqlStore(engine, clock, Vault.from_secret(key))
    each = contacts // WORKSPACES
    now = clock.now()
    for number in range(1, WORKSPACES + 1):
        workspace = store.add_workspace(new_workspace(f"client-{number}", "America/New_York"))
        identity = TokenIdentity(number, "raw")
        store.store_token(workspace.id, f"{number}|product", identity, at=now)
        store.set_target(workspace.id, Month.of(now, workspace.zone), each, at=now)
        with engine.begin() as connection:
            add_contacts(connection, workspace.id, each)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def add_contacts(connection: Connection, workspace_id: int, contacts: int) -> None:
    """Put made-up contacts on record as an import would."""
    given = {"workspace": workspace_id, "contacts": contacts}
    import_id = connection.execute(_IMPORT, given).scalar_one()
    connection.execute(_CONTACTS, given | {"import_id": import_id})
