"""What filtering needs from outside: raw contacts a page at a time, rules, lists, cleaners."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from maverick_core.pipeline.filtering.disposable import DisposableList, ListEntry, ListEvent
from maverick_core.pipeline.filtering.names import PersonName
from maverick_core.pipeline.filtering.rule_set import RuleSetVersion
from maverick_core.pipeline.raw import Origin
from maverick_core.suppression.rules import Match


class RawContact(NamedTuple):
    """A raw contact on record, with the fields that rules look at."""

    id: int
    origin: Origin
    row_number: int
    email: str | None
    first_name: str | None
    last_name: str | None
    full_name: str | None
    title: str | None
    company: str | None
    phone: str | None
    state: str | None
    line_of_business: str | None
    notes: str | None
    variables: str | None


class Candidate(NamedTuple):
    """A contact that was kept, cleaned: it waits for verification. Empty fields are None."""

    raw_contact_id: int
    email: str
    first_name: str
    last_name: str | None
    title: str | None
    company: str | None
    phone: str | None
    state: str | None
    line_of_business: str | None
    notes: str | None
    variables: str | None


class Verdict(NamedTuple):
    """What became of a raw contact: ``kept``, or a ``FilterCode``; ``detail`` may be empty."""

    raw_contact_id: int
    code: str
    detail: str


class Holder(NamedTuple):
    """Who has a mailbox already.

    ``slug`` names another workspace and is empty for the one that asks; ``origin`` is what brought
    the mailbox to that one, None where that is not known.
    """

    slug: str
    origin: Origin | None


class Facts(Protocol):
    """What is known of mailboxes from elsewhere."""

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return which of the normalised ``emails`` must not be written to."""
        ...

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has which of ``emails`` already, as a contact or as a candidate.

        The workspace itself goes before others, which are only looked at with ``everywhere``.
        """
        ...


class RawPage(Facts, Protocol):
    """Some raw contacts of a workspace, held while they are judged."""

    @property
    def rows(self) -> Sequence[RawContact]:
        """The next ones without a verdict, in order of id; empty when there are none."""
        ...

    def close(
        self,
        verdicts: Sequence[Verdict],
        candidates: Sequence[Candidate],
        *,
        rules_version: int,
        at: datetime,
    ) -> None:
        """Put the verdicts on record, one for each row, and a candidate for each that is kept."""
        ...


class RawPages(Protocol):
    """Hands out raw contacts without a verdict."""

    def raw_page(self, workspace_id: int, *, limit: int) -> AbstractContextManager[RawPage]:
        """Hold the workspace's next ``limit`` raw contacts, in one transaction.

        Two who ask for one workspace follow each other, and the second is given what comes after.
        A clean exit commits what was closed, an exception leaves nothing behind. What a page costs
        does not depend on how many were judged before.
        """
        ...


class JudgedContact(NamedTuple):
    """A raw contact and what became of it; the code is None while that is open."""

    raw: RawContact
    code: str | None


class FilterHistory(Protocol):
    """Reads raw contacts and what became of them, for trials that change nothing."""

    def judged(
        self, workspace_id: int, *, after: int, limit: int, waiting: bool
    ) -> Sequence[JudgedContact]:
        """Return raw contacts with an id greater than ``after``, in order of id.

        With ``waiting`` those that have no verdict yet, otherwise those that have one.
        """
        ...

    def holders(
        self, workspace_id: int, emails: Collection[str], *, everywhere: bool, own_candidates: bool
    ) -> Mapping[str, Holder]:
        """Answer as ``Facts.holders`` does; the workspace's own candidates may be left out."""
        ...


class FilterCounts(Protocol):
    """Counts for people."""

    def filter_counts(self, workspace_id: int) -> Mapping[str, int]:
        """Return how many raw contacts have which code, ``kept`` too; reads all verdicts."""
        ...


class RuleSets(Protocol):
    """The rule sets of workspaces, each version kept for ever."""

    def rule_sets(self, workspace_id: int) -> Sequence[RuleSetVersion]:
        """Return all versions, the newest first; empty where nobody ever set any."""
        ...

    def add_rule_set(
        self,
        workspace_id: int,
        definition: str,
        *,
        by: str,
        at: datetime,
        seen: int | None = None,
    ) -> int:
        """Put a new version on record and return its number, one more than the last.

        Raises:
            Conflict: ``changed_meanwhile``, the last is not the one ``seen``; nothing is changed.

        """
        ...


class Cleaner(Protocol):
    """Knows how numbers and names are written all over the world. Never fails."""

    def phone(self, text: str) -> str | None:
        """Return the number in E.164, None where it is none; without a country it is American."""
        ...

    def person(self, full_name: str) -> PersonName:
        """Split a person's name: titles are dropped, ``Smith, John`` is turned round."""
        ...


class DisposableDomains(Protocol):
    """Knows the domains that give mailboxes for a moment."""

    def disposable_list(self) -> DisposableList:
        """Return the list in force; looking a domain up in it takes no time to speak of.

        Asked for once a run, not once a page: what changes in between holds from the next run on.
        """
        ...


class ListText(NamedTuple):
    """A list of domains as its source gave it. The last two are for asking whether it changed."""

    text: str
    etag: str | None = None
    last_modified: str | None = None


class DomainLists(Protocol):
    """Fetches lists of domains, from public hosts and from files."""

    def name(self, source: str) -> str:
        """Return how to name ``source`` to people: without what may be secret in an address.

        Raises:
            Rejected: ``bad_domain_list``, it is no address.

        """
        ...

    def fetch_list(
        self, source: str, *, etag: str | None, last_modified: str | None
    ) -> ListText | None:
        """Return the text at ``source``, an address or a file; None where it has not changed.

        Raises:
            Rejected: ``bad_domain_list``, there is no such list, or it is no text.
            Unavailable: ``domain_list_unavailable``, the source does not answer now.

        """
        ...


class DisposableRecord(Protocol):
    """The fetched list and what people allow, on record. Each call is one transaction."""

    def disposable_version(self) -> int:
        """Return the number of the last change; 0 where nothing was ever changed."""
        ...

    def disposable_record(self) -> DisposableList:
        """Return all of one moment; nothing is known here of the packaged list."""
        ...

    def replace_disposable(
        self, added: Collection[str], removed: Collection[str], entry: ListEntry, *, based_on: int
    ) -> int:
        """Take domains in and out, put ``entry`` in the journal, and return the new version.

        Raises:
            Conflict: ``domain_list_changed``, ``based_on`` is not the version any more.

        """
        ...

    def note_disposable(self, entry: ListEntry) -> None:
        """Put in the journal what changed nothing; its version and count are those in force."""
        ...

    def allow_disposable(self, domain: str, entry: ListEntry, *, allowed: bool) -> bool:
        """Allow a domain or not; return False, and note nothing, where that is so already."""
        ...


class DisposableJournal(Protocol):
    """What happened to the list, for people and for the next refresh."""

    def disposable_journal(
        self, events: Collection[ListEvent], *, limit: int
    ) -> Sequence[ListEntry]:
        """Return the last entries of these kinds, the newest first."""
        ...
