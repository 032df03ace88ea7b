"""Domains of throw-away mailboxes: the installed package's list, and what is on record."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.ports import DisposableRecord


class PackagedDomains:
    """Satisfies ``DisposableDomains`` with the list that came with the installed package."""

    def disposable_list(self) -> DisposableList:
        """Return the list; see ``DisposableDomains.disposable_list``."""
        from disposable_email_domains import blocklist  # noqa: PLC0415 - ten thousand texts

        return DisposableList(0, frozenset(blocklist))


class DomainsInForce:
    """Satisfies ``DisposableDomains`` with the package's list and the record; for all threads.

    A process keeps one list, and reads it again when its version has changed.
    """

    def __init__(self, record: DisposableRecord) -> None:
        """Read nothing yet."""
        self._record = record
        self._lock = Lock()
        self._known: DisposableList | None = None

    def disposable_list(self) -> DisposableList:
        """Return the list; see ``DisposableDomains.disposable_list``."""
        with self._lock:
            if self._known is None or self._known.version != self._record.disposable_version():
                packaged = self._known or PackagedDomains().disposable_list()
                self._known = replace(self._record.disposable_record(), packaged=packaged.packaged)
            return self._known
