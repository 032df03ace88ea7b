"""The fetched list of disposable domains, and what people allow, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice

from maverick_adapters.memory.raw_tables import RawTables
from maverick_adapters.memory.tables import Transactions
from maverick_core.pipeline.filtering.disposable import (
    DisposableList,
    ListEntry,
    ListEvent,
    list_changed,
)


class MemoryDisposable(Transactions):
    """Satisfies ``DisposableRecord`` and ``DisposableJournal``."""

    def disposable_version(self) -> int:
        """Return the number of the last change."""
        return _version(self._tables.raw)

    def disposable_record(self) -> DisposableList:
        """Return all of one moment."""
        raw = self._tables.raw
        return DisposableList(
            _version(raw), frozenset(), frozenset(raw.disposable), frozenset(raw.allowed)
        )

    def replace_disposable(
        self, added: Collection[str], removed: Collection[str], entry: ListEntry, *, based_on: int
    ) -> int:
        """Take domains in and out."""
        with self._transaction() as tables:
            raw = tables.raw
            if _version(raw) != based_on:
                raise list_changed()
            raw.disposable = (raw.disposable - set(removed)) | set(added)
            _note(raw, entry, based_on + 1)
        return based_on + 1

    def note_disposable(self, entry: ListEntry) -> None:
        """Note what changed nothing."""
        with self._transaction() as tables:
            _note(tables.raw, entry, _version(tables.raw))

    def allow_disposable(self, domain: str, entry: ListEntry, *, allowed: bool) -> bool:
        """Allow a domain or not."""
        with self._transaction() as tables:
            raw = tables.raw
            if (domain in raw.allowed) is allowed:
                return False
            raw.allowed ^= {domain}
            _note(raw, entry, _version(raw) + 1)
        return True

    def disposable_journal(
        self, events: Collection[ListEvent], *, limit: int
    ) -> Sequence[ListEntry]:
        """Return the last entries of these kinds."""
        entries = reversed(self._tables.raw.disposable_journal)
        return list(islice((entry for entry in entries if entry.event in events), limit))


def _version(raw: RawTables) -> int:
    return raw.disposable_journal[-1].version if raw.disposable_journal else 0


def _note(raw: RawTables, entry: ListEntry, version: int) -> None:
    raw.disposable_journal.append(replace(entry, version=version, domains=len(raw.disposable)))
