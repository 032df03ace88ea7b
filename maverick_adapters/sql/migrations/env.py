"""What alembic runs: the migrations, on the connection and in the transaction it is given."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from maverick_adapters.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
if connection.dialect.name == "postgresql":
    # Two who upgrade at once follow each other; SQLite's transaction begins with the write lock.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('maverick.migrations'))"))
with context.begin_transaction():
    context.run_migrations()
