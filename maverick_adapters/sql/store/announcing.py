"""Put announcements on record, in the transaction of whoever makes work wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, delete, literal, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.tables import Instant, contact_batches, outbox
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Work

_batch = contact_batches.c

UPLOAD_KEY: Final[ColumnElement[str]] = (
    literal("upload:", Text) + cast(_batch.id, Text) + ":" + cast(_batch.fence, Text)
)
"""``upload_key`` in SQL."""


def announce(
    connection: Connection, dialect: Dialect, batches: ColumnElement[bool], *, at: datetime
) -> None:
    """Announce the batches that the condition is true of, unless that is done already.

    One statement, whatever their number: a plan of a million contacts pays for one.
    """
    names = ["queue", "actor", "arg", "dedupe", "created_at"]
    rows = dialect.insert(outbox).from_select(names, _announcements(at).where(batches))
    connection.execute(rows.on_conflict_do_nothing())


def announce_work(connection: Connection, dialect: Dialect, work: Work, *, at: datetime) -> None:
    """Announce one piece of work, unless that is done already."""
    row = dialect.insert(outbox).values(
        queue=work.queue, actor=work.actor, arg=work.arg, dedupe=work.dedupe, created_at=at
    )
    connection.execute(row.on_conflict_do_nothing())


def unannounce(connection: Connection, dedupe: str) -> None:
    """Take the announcement with this key away: it was heard."""
    connection.execute(delete(outbox).where(outbox.c.dedupe == dedupe))


def _announcements(at: datetime) -> Select[Any]:
    return select(
        literal(UPLOAD_QUEUE, Text),
        literal(UPLOAD_ACTOR, Text),
        _batch.id,
        UPLOAD_KEY,
        literal(at, Instant),
    ).order_by(_batch.id)
