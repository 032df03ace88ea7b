"""Brings a database to the tables that this version works on."""

from __future__ import annotations

import threading

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from maverick_adapters.sql.errors import translated
from maverick_adapters.sql.migrations import HEAD

_ALEMBIC = threading.Lock()  # it keeps what it works on in globals
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing, all of them or none; two at once follow each other.

    Raises:
        Unavailable: the database cannot be reached, or not be written to.

    """
    _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision``, all the way or not at all; what newer tables held is lost.

    Raises:
        Unavailable: the database cannot be reached, or not be written to.

    """
    _run(engine, "downgrade", revision)


def _run(engine: Engine, move: str, revision: str) -> None:
    # Every command asks for the state; only these pay for alembic, a good part of a start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "maverick_adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    with _ALEMBIC, translated(engine.url), engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, move)(config, revision)


def revision_state(engine: Engine) -> tuple[str | None, str]:
    """Return the database's revision, None before the first, and the one this version works on.

    Raises:
        Unavailable: the database cannot be reached.

    """
    with translated(engine.url), engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None, HEAD
        current = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    return current, HEAD
