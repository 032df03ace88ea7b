"""Domains of throw-away mailboxes: how a list of them is read, when it is refused, what it covers.

Whoever keeps such a list is a stranger, and what stands on it turns contacts down. So a list is
refused as a whole where it does not look like one, and single lines never count that would turn
down half the world: what registries give out (``co.uk``) and where anybody has a mailbox
(``gmail.com``).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import Conflict, Rejected, Unavailable
from maverick_core.pipeline.filtering.mailboxes import FREE_MAIL_DOMAINS
from maverick_core.suppression.rules import domain_of, domains_above

LINES_SHOWN: Final = 10  # numbers of lines that a message names
_COMMENT: Final = "#"
_HTML: Final = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_ENOUGH_TO_SEE: Final = 1_000  # characters of a file that say whether it is a page
_REMEDY: Final = "The list in force stays. Look at what is there, and refresh again."

# What registries of countries sell names under. Our own short list, because the core has no other;
# private ones (github.io) are not among them.
_LABELS: Final = """
ac ad asn co com ed edu fed firm gen go gob gouv gov govt gv id ind info k12 lg ltd me mil mod muni
ne net nhs nic nom nsn or org plc police pro res sch school state
"""
_REGISTRY_LABELS: Final = frozenset(_LABELS.split())
_COUNTRY_LETTERS: Final = 2


class ListSource(StrEnum):
    """Where a domain stands."""

    PACKAGED = "packaged"
    """On the list that came with the installed package."""
    REFRESHED = "refreshed"
    """On the list that was fetched last."""
    ALLOWED = "allowed"
    """Somebody said that it is none, whatever lists say."""


class Listing(NamedTuple):
    """The entry that decides on a domain: the domain itself or one above it."""

    source: ListSource
    entry: str


@dataclass(frozen=True, slots=True)
class DisposableList:
    """What is in force. ``version`` counts what was changed of it here; 0 is the package alone."""

    version: int
    packaged: Collection[str]
    refreshed: Collection[str] = frozenset()
    allowed: Collection[str] = frozenset()

    def listing(self, domain: str) -> Listing | None:
        """Return what decides on a normalised ``domain``, None where nothing is said of it.

        The nearest entry decides: who allows ``mail.x.example`` does not allow ``x.example``.
        """
        for entry in (domain, *domains_above(domain)):
            if entry in self.allowed:
                return Listing(ListSource.ALLOWED, entry)
            if entry in self.refreshed:
                return Listing(ListSource.REFRESHED, entry)
            if entry in self.packaged:
                return Listing(ListSource.PACKAGED, entry)
        return None

    def covers(self, domain: str) -> bool:
        """Say whether mailboxes at a normalised ``domain`` are thrown away."""
        listing = self.listing(domain)
        return listing is not None and listing.source is not ListSource.ALLOWED

    @property
    def domains(self) -> int:
        """How many are listed by one or both, and not allowed."""
        return len({*self.packaged, *self.refreshed}.difference(self.allowed))


class ListEvent(StrEnum):
    """What happened to the list."""

    REPLACED = "replaced"
    """A fetched list took the place of the one before."""
    UNCHANGED = "unchanged"
    """What was fetched is what is in force."""
    REFUSED = "refused"
    """It could not be fetched or not be taken; the list in force stayed."""
    ALLOWED = "allowed"
    """Somebody said that a domain is none."""
    NOT_ALLOWED = "not_allowed"
    """Somebody took that back."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A line of the list's journal. ``version`` is what was in force after it.

    ``domains`` are those of the fetched list in force, ``added`` and ``removed`` of them what this
    changed. ``etag`` and ``last_modified`` are what the source gave with it.
    """

    event: ListEvent
    source: str
    by: str
    at: datetime
    version: int = 0
    why: str = ""
    domains: int = 0
    added: int = 0
    removed: int = 0
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as it was read: ``spared`` are left out for good reason, ``bad_lines`` are none.

    Lines are named by their numbers: what stands on them may be anything.
    """

    domains: frozenset[str]
    spared: tuple[str, ...]
    bad_lines: tuple[int, ...]


def read_list(text: str) -> ReadList:
    """Read one domain a line; what follows ``#`` is a comment, empty lines say nothing.

    Raises:
        Rejected: ``bad_domain_list``, it is a page, it is empty, or most lines are no domains.

    """
    if _HTML.match(text[:_ENOUGH_TO_SEE]):
        raise bad_list("It is a page (HTML), such as networks show before they let anybody out.")
    domains: set[str] = set()
    spared: set[str] = set()
    bad: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (words := line.partition(_COMMENT)[0].strip()):
            continue
        try:
            domain = _domain(words)
        except BadEmail:
            bad.append(number)
            continue
        (spared if is_everybodys(domain) else domains).add(domain)
    if len(bad) > len(domains):
        raise bad_list(f"{len(bad):,} of its lines are no domains, and {len(domains):,} are.")
    if not domains:
        raise bad_list("It is empty.")
    return ReadList(frozenset(domains), tuple(sorted(spared)), tuple(bad))


def check_shrinkage(before: Collection[str], after: Collection[str]) -> None:
    """Refuse a list that lost more than half of what is in force; a half-sent file looks so.

    Raises:
        Conflict: ``domain_list_shrank``.

    """
    lost = len(set(before).difference(after))
    if 2 * lost > len(before):
        raise Conflict(
            f"The new list lacks {lost:,} of the {len(before):,} domains of the one in force.",
            code="domain_list_shrank",
            remedy="The list in force stays. Take the new one with --force if it is right.",
        )


def is_everybodys(domain: str) -> bool:
    """Say whether a normalised domain holds so many people that no list may turn it down.

    Free mail providers, every domain above one of them, and what registries give names under.
    """
    if domain in _NEVER:
        return True
    label, _, country = domain.partition(".")
    if len(country) == _COUNTRY_LETTERS:
        return label in _REGISTRY_LABELS or (country == "us" and len(label) == _COUNTRY_LETTERS)
    return False


def domain_in(text: str) -> str:
    """Return the normalised domain that ``text`` is, or that the e-mail in it is at.

    Raises:
        Rejected: ``bad_domain``; the message does not show the text, which may be a person.

    """
    try:
        return _domain(text.strip().rpartition("@")[2])
    except BadEmail as error:
        raise Rejected(
            "This is neither a domain nor an e-mail.",
            code="bad_domain",
            remedy="Write domain.tld or name@domain.tld.",
        ) from error


def bad_list(why: str) -> Rejected:
    """Return the error that says why a list is not taken."""
    return Rejected(f"The list is not taken. {why}", code="bad_domain_list", remedy=_REMEDY)


def list_unavailable(why: str) -> Unavailable:
    """Return the error that says why the list cannot be had now, though perhaps later."""
    return Unavailable(
        f"The list of disposable domains cannot be fetched now. {why}",
        code="domain_list_unavailable",
        remedy="The list in force stays. Refresh it again later.",
    )


def list_changed() -> Conflict:
    """Return the error that says that somebody else changed the list meanwhile."""
    return Conflict(
        "Somebody else changed the list of disposable domains meanwhile.",
        code="domain_list_changed",
        remedy="Nothing was changed by this. Refresh it again.",
    )


def _domain(words: str) -> str:
    return domain_of(normalise_email(f"x@{words}"))


_NEVER: Final = FREE_MAIL_DOMAINS.union(*map(domains_above, FREE_MAIL_DOMAINS))
