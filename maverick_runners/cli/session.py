"""A command's session: settings read, logs set up, everything wired, the database ready."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from maverick_core.kernel.errors import Unavailable

if TYPE_CHECKING:  # these cost a third of a second, which "--help" need not pay
    from maverick_adapters.container import Wired
    from maverick_adapters.settings import Settings


@contextmanager
def session(settings: Settings | None = None) -> Iterator[Wired]:
    """Give a command everything it needs.

    An SQLite file is made and kept up to date by itself. A PostgreSQL database is upgraded by
    whoever owns it, with ``maverick db upgrade``.

    Raises:
        Rejected: a setting is wrong.
        Unavailable: the database cannot be reached, or is behind.

    """
    from maverick_adapters.container import wire
    from maverick_adapters.logs import configure_logs
    from maverick_adapters.settings import load_settings

    settings = settings or load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    with wire(settings) as wired:
        _ready(wired)
        yield wired


def _ready(wired: Wired) -> None:
    from maverick_adapters.sql import revision_state, upgrade

    engine = wired.engine
    current, head = revision_state(engine)
    if current == head:
        return
    if engine.dialect.name == "sqlite":
        upgrade(engine)
        return
    raise Unavailable(
        "The database is not at the version that this Maverick needs "
        f"(it is at {current or 'nothing'}, needed is {head}).",
        code="db_behind",
        remedy='Run "maverick db upgrade".',
    )


def who() -> str:
    """Return who decides: by name, or by number where nobody has one, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def tell(wired: Wired) -> None:
    """Tell people what they are to be told, where there are no workers on Redis to do so."""
    if wired.settings.redis_url is None:
        wired.send_waiting()
