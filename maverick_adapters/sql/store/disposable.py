"""The fetched list of disposable domains, and what people allow, on record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import disposable_allowed, disposable_domains, disposable_journal
from maverick_core.pipeline.filtering.disposable import (
    DisposableList,
    ListEntry,
    ListEvent,
    list_changed,
)

_entry = disposable_journal.c
_VERSION = select(func.coalesce(func.max(_entry.version), 0))


class DisposablePart(Part):
    """Satisfies ``DisposableRecord`` and ``DisposableJournal``."""

    def disposable_version(self) -> int:
        """Return the version in force; see ``DisposableRecord.disposable_version``."""
        with self._database.read() as connection:
            return _version(connection)

    def disposable_record(self) -> DisposableList:
        """Return all of one moment; see ``DisposableRecord.disposable_record``."""
        with self._database.snapshot() as connection:
            return DisposableList(
                version=_version(connection),
                packaged=frozenset(),
                refreshed=_names(connection, disposable_domains.c.domain),
                allowed=_names(connection, disposable_allowed.c.domain),
            )

    def replace_disposable(
        self, added: Collection[str], removed: Collection[str], entry: ListEntry, *, based_on: int
    ) -> int:
        """Take domains in and out; see ``DisposableRecord.replace_disposable``."""
        with self._database.write() as connection:
            self._dialect.take_turn(connection, "disposable list")
            version = _version(connection)
            if version != based_on:
                raise list_changed()
            gone = self._dialect.among_keys(disposable_domains.c.domain, removed)
            if removed:
                connection.execute(delete(disposable_domains).where(gone))
            rows = ((domain,) for domain in sorted(added))
            self._dialect.append(connection, disposable_domains, ("domain",), rows)
            _note(connection, replace(entry, version=version + 1))
        return version + 1

    def note_disposable(self, entry: ListEntry) -> None:
        """Note what changed nothing; see ``DisposableRecord.note_disposable``."""
        with self._database.write() as connection:
            self._dialect.take_turn(connection, "disposable list")
            _note(connection, replace(entry, version=_version(connection)))

    def allow_disposable(self, domain: str, entry: ListEntry, *, allowed: bool) -> bool:
        """Allow a domain or not; see ``DisposableRecord.allow_disposable``."""
        row = disposable_allowed.c.domain
        with self._database.write() as connection:
            self._dialect.take_turn(connection, "disposable list")
            there = connection.execute(select(row).where(row == domain)).first() is not None
            if there is allowed:
                return False
            if allowed:
                connection.execute(insert(disposable_allowed).values(domain=domain))
            else:
                connection.execute(delete(disposable_allowed).where(row == domain))
            _note(connection, replace(entry, version=_version(connection) + 1))
        return True

    def disposable_journal(
        self, events: Collection[ListEvent], *, limit: int
    ) -> Sequence[ListEntry]:
        """Return the last entries; see ``DisposableJournal.disposable_journal``."""
        query = (
            select(disposable_journal)
            .where(_entry.event.in_(sorted(events)))
            .order_by(_entry.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_as_entry(**row) for row in connection.execute(query).mappings()]


def _version(connection: Connection) -> int:
    return int(connection.execute(_VERSION).scalar_one())


def _names(connection: Connection, domain: Any) -> frozenset[str]:
    """Return a column as the driver reads it: rows of SQLAlchemy's would take as long again."""
    result = connection.execute(select(domain))
    found = frozenset(name for (name,) in result.cursor.fetchall())
    result.close()
    return found


def _note(connection: Connection, entry: ListEntry) -> None:
    held = connection.execute(select(func.count()).select_from(disposable_domains)).scalar_one()
    connection.execute(insert(disposable_journal).values(asdict(replace(entry, domains=held))))


def _as_entry(*, event: str, at: datetime, **rest: Any) -> ListEntry:
    del rest["id"]
    return ListEntry(event=ListEvent(event), at=at, **rest)
