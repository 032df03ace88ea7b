"""The record on PostgreSQL and on SQLite: SQLAlchemy Core, and COPY where it pays."""

from maverick_adapters.sql.engine import open_engine
from maverick_adapters.sql.migrate import revision_state, upgrade
from maverick_adapters.sql.store import SqlStore

__all__ = ["SqlStore", "open_engine", "revision_state", "upgrade"]
