"""Brings a database to the tables that this version works on."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from maverick_adapters.sql.errors import translated


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing, all of them or none; two at once follow each other.

    Raises:
        Unavailable: the database cannot be reached, or not be written to.

    """
    with translated(engine.url), engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def revision_state(engine: Engine) -> tuple[str | None, str]:
    """Return the database's revision, None before the first, and the one this version works on.

    Raises:
        Unavailable: the database cannot be reached.

    """
    with translated(engine.url), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise AssertionError("there are no migrations")
    return current, head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "maverick_adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config
