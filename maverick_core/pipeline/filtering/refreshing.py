"""Refresh the list of disposable domains, without a release; allow a domain whatever lists say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from maverick_core.kernel.errors import MaverickError, Rejected
from maverick_core.kernel.time import Clock
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, OperationClaim, OperationKind
from maverick_core.pipeline.filtering.disposable import (
    DisposableList,
    ListEntry,
    ListEvent,
    ReadList,
    check_shrinkage,
    domain_in,
    read_list,
)
from maverick_core.pipeline.filtering.ports import (
    DisposableJournal,
    DisposableRecord,
    DomainLists,
    ListText,
)

_TAKEN: Final = (ListEvent.REPLACED, ListEvent.UNCHANGED)
_REFRESHES: Final = (*_TAKEN, ListEvent.REFUSED)
EVERY: Final = timedelta(days=1)
"""How old a refresh may be before the next one is asked for."""
BY: Final = "the relay"
"""Who asks where nobody did."""


@dataclass(frozen=True, slots=True)
class ListTerms:
    """Where the list comes from: an address or a file; empty, only the packaged list counts."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did, or in a dry run would have done; ``read`` is None where nothing came."""

    entry: ListEntry
    read: ReadList | None = None


@dataclass(frozen=True, slots=True)
class RefreshDisposable:
    """Use case: fetch the list and put it in force, from the next run on.

    It is read and judged before anything of it is on record, and takes its place in one
    transaction: whatever fails leaves the list in force as it is. Doing it twice does it once.
    """

    lists: DomainLists
    record: DisposableRecord
    journal: DisposableJournal
    clock: Clock
    terms: ListTerms

    def __call__(
        self, source: str = "", *, by: str, force: bool = False, dry_run: bool = False
    ) -> Refreshed:
        """Refresh from ``source``, or from where the settings say.

        With ``force`` a list may lose more than half, and is asked for whole; a dry run puts
        nothing on record. Refusals are in the journal, for whoever asks why the list grows old.

        Raises:
            Rejected: ``domain_list_unset``, nothing says where from; ``bad_domain_list``.
            Conflict: ``domain_list_shrank``, or ``domain_list_changed`` by somebody else meanwhile.
            Unavailable: ``domain_list_unavailable``; the source may answer later.

        """
        if not (source := source or self.terms.source):
            raise Rejected(
                "Nothing says where the list of disposable domains comes from.",
                code="domain_list_unset",
                remedy="Set MAVERICK_DISPOSABLE_DOMAINS_URL, or name a source with --from.",
            )
        entry = ListEntry(ListEvent.REFUSED, self.lists.name(source), by, self.clock.now())
        before = self.record.disposable_record()
        if not force:
            entry = replace(entry, **self._validators(source, before))
        try:
            answer = self.lists.fetch_list(
                source, etag=entry.etag, last_modified=entry.last_modified
            )
            read = read_list(answer.text) if answer else None
            if read and not force:
                check_shrinkage(before.refreshed, read.domains)
        except MaverickError as error:
            if not dry_run:
                self.record.note_disposable(replace(entry, why=str(error)))
            raise
        if answer:
            entry = replace(entry, **_kept_validators(source, entry.source, answer))
        entry = _compared(entry, before, read)
        return Refreshed(entry if dry_run else self._put(entry, before, read), read)

    def _validators(self, source: str, before: DisposableList) -> Mapping[str, Any]:
        """Ask only for news where the list in force is from there, to the letter."""
        last = next(iter(self.journal.disposable_journal(_TAKEN, limit=1)), None)
        if not before.refreshed or last is None or last.source != source:
            return {}
        return {"etag": last.etag, "last_modified": last.last_modified}

    def _put(self, entry: ListEntry, before: DisposableList, read: ReadList | None) -> ListEntry:
        if read is None or entry.event is ListEvent.UNCHANGED:
            self.record.note_disposable(entry)
            return entry
        version = self.record.replace_disposable(
            read.domains.difference(before.refreshed),
            set(before.refreshed) - read.domains,
            entry,
            based_on=before.version,
        )
        return replace(entry, version=version)


def _kept_validators(source: str, name: str, answer: ListText) -> Mapping[str, Any]:
    """Return what to ask with next time; nothing where several sources have the one name.

    The journal knows a source by its name alone: an ETag of another one's list would say of this
    one that it has not changed.
    """
    if name != source:
        return {"etag": None, "last_modified": None}
    return {"etag": answer.etag, "last_modified": answer.last_modified}


def _compared(entry: ListEntry, before: DisposableList, read: ReadList | None) -> ListEntry:
    """Say what the list that was read changes; where nothing new came, it changes nothing."""
    after = read.domains if read else before.refreshed
    added = len(set(after).difference(before.refreshed))
    removed = len(set(before.refreshed).difference(after))
    return replace(
        entry,
        event=ListEvent.REPLACED if added or removed else ListEvent.UNCHANGED,
        version=before.version,
        domains=len(after),
        added=added,
        removed=removed,
    )


@dataclass(frozen=True, slots=True)
class AllowDomain:
    """Use case: say that a domain is no disposable one, whatever lists say, or take that back."""

    record: DisposableRecord
    clock: Clock

    def __call__(self, text: str, *, by: str, allowed: bool = True) -> tuple[str, bool]:
        """Return the domain of ``text``, and whether that was news; it holds from the next run on.

        Raises:
            Rejected: ``bad_domain``.

        """
        domain = domain_in(text)
        event = ListEvent.ALLOWED if allowed else ListEvent.NOT_ALLOWED
        entry = ListEntry(event, domain, by, self.clock.now())
        return domain, self.record.allow_disposable(domain, entry, allowed=allowed)


@dataclass(frozen=True, slots=True)
class AskForFreshList:
    """Use case: the sweep that has workers refresh the list once a day, where a source is set.

    Whatever came of the last refresh counts, and who asked for it does not: a source that refuses
    is asked again a day later.
    """

    operations: Operations
    journal: DisposableJournal
    clock: Clock
    terms: ListTerms

    def __call__(self) -> int:
        """Ask if it is time and nobody has asked; return how many operations that took."""
        if not self.terms.source:
            return 0
        now = self.clock.now()
        last = next(iter(self.journal.disposable_journal(_REFRESHES, limit=1)), None)
        if last and now < last.at + EVERY:
            return 0
        new = NewOperation(OperationKind.REFRESH_DISPOSABLE, None, {}, BY)
        _, added = self.operations.add_operation_once(new, at=now)
        return int(added)


@dataclass(frozen=True, slots=True)
class RefreshDisposableAsRequested:
    """Refresh the list for whoever asked; where no source is set there is nothing to do."""

    refresh: RefreshDisposable
    record: OperationRecord

    def __call__(self, claim: OperationClaim) -> None:
        """Refresh it; see ``Deed``. A list that is refused ends the operation with the reason."""
        if not self.refresh.terms.source:
            self.record.succeed_operation(claim, {"event": "no_source"}, done=0)
            return
        done = self.refresh(by=claim.by)
        entry, read = done.entry, done.read
        result = {
            "event": entry.event.value,
            "version": entry.version,
            "domains": entry.domains,
            "added": entry.added,
            "removed": entry.removed,
            "spared": len(read.spared) if read else 0,
            "bad_lines": len(read.bad_lines) if read else 0,
        }
        self.record.succeed_operation(claim, result, done=entry.added + entry.removed)
