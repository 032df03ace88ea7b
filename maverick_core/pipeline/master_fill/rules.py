"""What the master list says of a mailbox: of all that is known, the best of each.

What two sightings say together does not depend on which came first, nor on how often either is
told: every choice below is the greatest, or the least, by a key that no two sightings share. So a
list that follows what comes in, page by page and with pages read again after a crash, ends as the
one that is made afresh. Only the number of workspaces is a sum; the store says for each sighting
whether it is the first one of its workspace.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.raw import Origin, OriginKind

TAKEN: Final = frozenset({Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE})
"""The outcomes with which a workspace has the mailbox as a lead."""


class SeenAs(StrEnum):
    """Where a mailbox was seen."""

    CANDIDATE = "candidate"
    """The filter kept it."""
    CONTACT = "contact"
    """It may be uploaded."""


class Person(NamedTuple):
    """What is known of who has a mailbox. A person: never log one.

    Notes and custom variables are left out: they were written for one client's campaign.
    """

    first_name: str
    last_name: str | None = None
    title: str | None = None
    company: str | None = None
    phone: str | None = None
    state: str | None = None
    line_of_business: str | None = None

    @property
    def filled(self) -> int:
        """How many of the fields are there."""
        return sum(1 for field in self if field)


class Sighting(NamedTuple):
    """A mailbox in a workspace, what is said of it there, and since when.

    ``new_there``: the workspace is one more that holds the mailbox.
    """

    email: str
    workspace_id: int
    origin: Origin
    at: datetime
    person: Person
    new_there: bool


class Happened(NamedTuple):
    """What became of a mailbox at the destination of a workspace."""

    email: str
    workspace_id: int
    outcome: Outcome
    at: datetime


class MasterContact(NamedTuple):
    """A mailbox of the master list. A person: never log one.

    ``person`` is as ``person_from`` had it at ``person_at``; ``workspaces`` is how many hold it.
    ``uploaded_at`` is when it was last taken anywhere, None where it never was.
    """

    email: str
    person: Person
    person_at: datetime
    person_from: int
    first_seen_at: datetime
    first_workspace_id: int
    first_origin: Origin
    last_seen_at: datetime
    workspaces: int
    outcome: Outcome | None = None
    outcome_at: datetime | None = None
    outcome_workspace_id: int | None = None
    uploaded_at: datetime | None = None


class Place(NamedTuple):
    """A place in the order in which the list is drawn on.

    Mailboxes that were never uploaded come first, the others by how long ago that was.
    """

    uploaded_at: datetime | None
    email: str


def place_of(contact: MasterContact) -> Place:
    """Return where the contact stands in that order."""
    return Place(contact.uploaded_at, contact.email)


def seen(known: MasterContact | None, sighting: Sighting) -> MasterContact:
    """Return what the list says when this sighting is told."""
    email, workspace_id, origin, at, person, new_there = sighting
    alone = MasterContact(
        email, person, at, workspace_id, at, workspace_id, origin, at, int(new_there)
    )
    if known is None:
        return alone
    best = max(known, alone, key=_completeness)
    first = min(known, alone, key=_age)
    return known._replace(
        person=best.person,
        person_at=best.person_at,
        person_from=best.person_from,
        first_seen_at=first.first_seen_at,
        first_workspace_id=first.first_workspace_id,
        first_origin=first.first_origin,
        last_seen_at=max(known.last_seen_at, at),
        workspaces=known.workspaces + new_there,
    )


def happened(known: MasterContact, event: Happened) -> MasterContact:
    """Return what the list says when this outcome is told; a later telling of it counts."""
    if event.outcome in TAKEN:
        uploaded_at = max(event.at, known.uploaded_at or event.at)
        known = known._replace(uploaded_at=uploaded_at)
    before = (known.outcome_at, known.outcome_workspace_id)
    if None not in before and before > (event.at, event.workspace_id):
        return known
    return known._replace(
        outcome=event.outcome, outcome_at=event.at, outcome_workspace_id=event.workspace_id
    )


def not_in_list() -> Missing:
    """Return the error that says that nobody has the mailbox."""
    return Missing(
        "The master list does not have this mailbox.",
        code="master_contact_missing",
        remedy='It follows what comes in when it is filled: "maverick master fill".',
    )


def _completeness(contact: MasterContact) -> tuple[int, datetime, int, tuple[str, ...]]:
    """Rank what is said of a person: the most complete, then the newest."""
    said = tuple(field or "" for field in contact.person)
    return contact.person.filled, contact.person_at, contact.person_from, said


def _age(contact: MasterContact) -> tuple[datetime, int, OriginKind, int]:
    return contact.first_seen_at, contact.first_workspace_id, *contact.first_origin
