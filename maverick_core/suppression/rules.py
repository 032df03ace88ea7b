"""What a suppression covers, and under which keys it is found.

A suppression names a mailbox, or a domain with or without all below it. It is stored under one key,
the address or the domain itself. Whoever asks about an address makes its few keys and looks them
all up by equality, so that a million suppressions cost what ten do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import Rejected

SUPPRESSED_REASON: Final = "Suppressed before it was sent: it was left out of the request."
SUPPRESSED_IN_DOUBT: Final = (
    "Suppressed while it was in doubt: it is not sent again, and may have been taken before."
)
_WILDCARD: Final = "*."


class SuppressionReason(StrEnum):
    """Why somebody must not be written to."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    MANUAL = "manual"


class SuppressionKind(StrEnum):
    """What a suppression names."""

    EMAIL = "email"
    DOMAIN = "domain"
    SUBDOMAINS = "subdomains"
    """A domain and all below it, written ``*.domain.tld``."""


class Target(NamedTuple):
    """What is suppressed: ``key`` is a normalised e-mail or a domain in its ASCII form."""

    kind: SuppressionKind
    key: str

    @property
    def pattern(self) -> str:
        """The target as people write it."""
        return _WILDCARD + self.key if self.kind is SuppressionKind.SUBDOMAINS else self.key


@dataclass(frozen=True, slots=True)
class Match:
    """The suppression that covers an address."""

    kind: SuppressionKind
    reason: SuppressionReason


class Entry(NamedTuple):
    """A suppression that one of the looked-up keys is of."""

    key: str
    kind: SuppressionKind
    reason: SuppressionReason


def parse_target(pattern: str) -> Target:
    """Read ``name@domain.tld``, ``domain.tld`` or ``*.domain.tld``.

    Raises:
        Rejected: ``bad_suppression``; the message does not show the text, which may be a person.

    """
    text = pattern.strip()
    if "*" in text.removeprefix(_WILDCARD):
        raise _bad_target()
    try:
        if "@" in text:
            return Target(SuppressionKind.EMAIL, normalise_email(text))
        kind = SuppressionKind.DOMAIN
        if text.startswith(_WILDCARD):
            kind, text = SuppressionKind.SUBDOMAINS, text.removeprefix(_WILDCARD)
        return Target(kind, domain_of(normalise_email(f"x@{text}")))
    except BadEmail as error:
        raise _bad_target() from error


def _bad_target() -> Rejected:
    return Rejected(
        "This is neither an e-mail nor a domain.",
        code="bad_suppression",
        remedy="Write name@domain.tld, domain.tld, or *.domain.tld for all below it as well.",
    )


def domain_of(email: str) -> str:
    """Return the domain of a normalised e-mail."""
    return email.rpartition("@")[2]


def keys_of(emails: Iterable[str]) -> set[str]:
    """Return all keys under which a suppression of one of the normalised ``emails`` may stand."""
    keys = set(emails)
    for domain in {email.rpartition("@")[2] for email in keys}:
        keys.add(domain)
        keys.update(domains_above(domain))
    return keys


def matches(emails: Iterable[str], entries: Iterable[Entry]) -> Mapping[str, Match]:
    """Return which ``emails`` the entries cover, each with its nearest suppression.

    A suppression of the mailbox is nearer than one of its domain, and that nearer than one of a
    domain above.
    """
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.key, []).append(entry)
    if not found:
        return {}
    covered = {}
    for email in emails:
        if match := _nearest(email, found):
            covered[email] = match
    return covered


def _nearest(email: str, found: Mapping[str, list[Entry]]) -> Match | None:
    domain = domain_of(email)
    for key in (email, domain, *domains_above(domain)):
        covering = [
            entry
            for entry in found.get(key, ())
            if entry.kind is not SuppressionKind.DOMAIN or key == domain
        ]
        if covering:  # a workspace's own and one for all may both be there
            entry = min(covering, key=lambda entry: (entry.kind, entry.reason))
            return Match(entry.kind, entry.reason)
    return None


def domains_above(domain: str) -> Iterator[str]:
    """Yield the domains above, the nearest first; a top-level domain alone is nobody's."""
    while (at := domain.find(".") + 1) and domain.find(".", at) > 0:
        domain = domain[at:]
        yield domain
