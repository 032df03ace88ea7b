"""Raw contacts for tests of rules, and what is known of mailboxes there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from maverick_core.pipeline.filtering.names import PersonName
from maverick_core.pipeline.filtering.ports import Holder, RawContact
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.suppression.rules import Match

ORIGIN = Origin(OriginKind.CSV_IMPORT, 1)


class PlainCleaner:
    """A cleaner that knows next to nothing."""

    def phone(self, text: str) -> str | None:
        return text if text.startswith("+") else None

    def person(self, full_name: str) -> PersonName:
        first, _, last = full_name.partition(" ")
        return PersonName(first, last)


@dataclass(frozen=True)
class Known:
    """Facts that are given; notes which e-mails it was asked for."""

    suppressions: Mapping[str, Match] = field(default_factory=dict)
    held: Mapping[str, Holder] = field(default_factory=dict)
    asked: list[frozenset[str]] = field(default_factory=list)

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        self.asked.append(frozenset(emails))
        return {email: self.suppressions[email] for email in emails if email in self.suppressions}

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        self.asked.append(frozenset(emails))
        found = {email: self.held[email] for email in emails if email in self.held}
        return {email: each for email, each in found.items() if everywhere or not each.slug}


def raw(number: int = 1, email: str | None = "ann@agency.example", **fields: str) -> RawContact:
    """Return a raw contact called Ann, unless ``fields`` says otherwise."""
    given = {"first_name": "Ann", **fields}
    return RawContact(
        number,
        ORIGIN,
        number + 1,
        email,
        given.get("first_name"),
        given.get("last_name"),
        given.get("full_name"),
        given.get("title"),
        given.get("company"),
        given.get("phone"),
        given.get("state"),
        given.get("line_of_business"),
        given.get("notes"),
        given.get("variables"),
    )
