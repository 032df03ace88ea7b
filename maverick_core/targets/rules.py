"""The account of a month: what the target, the batches and their outcomes add up to.

The target is a hard cap kept by reservation. Every contact of a live batch that has no outcome yet
holds room; a skipped or rejected contact and a cancelled batch give theirs back; a failed batch
keeps it (reliability.md, decision 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maverick_core.kernel.errors import Conflict, Rejected

MAX_TARGET = 100_000_000  # contacts a month; more than that is a slip of the finger


@dataclass(frozen=True, slots=True)
class TargetAccount:
    """One workspace and month, in contacts. ``target`` is None where none was set.

    ``uploaded`` counts what Email Bison took, whether or not its campaign would have it
    (``not_attachable`` is a part of it). ``reserved`` are members of live batches without an
    outcome, and ``in_doubt`` is the part of them that was sent and not answered.
    """

    target: int | None
    uploaded: int = 0
    reserved: int = 0
    skipped: int = 0
    rejected: int = 0
    in_doubt: int = 0
    not_attachable: int = 0

    @property
    def remaining(self) -> int:
        """Contacts that Email Bison has still to take until the target is reached."""
        return max(0, (self.target or 0) - self.uploaded)

    @property
    def room(self) -> int:
        """Contacts that may still be planned: what is neither uploaded nor reserved."""
        return max(0, (self.target or 0) - self.uploaded - self.reserved)


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Who changed a month's target, when and why. ``before`` is None where none had been set."""

    id: int
    before: int | None
    contacts: int
    by: str
    at: datetime
    reason: str


def target_version(history: Sequence[TargetChange]) -> int:
    """Return a number that moves with every change of the target; 0 before the first."""
    return history[-1].id if history else 0


def check_target_version(asked: int | None, present: int) -> None:
    """Let a change through that is meant for the ``present`` version, or for whatever is there.

    Raises:
        Conflict: it is meant for another one.

    """
    if asked not in {None, present}:
        raise Conflict(
            "The target was changed meanwhile.",
            code="changed_meanwhile",
            remedy="Look at it again, then decide.",
        )


def check_target(contacts: int) -> int:
    """Return ``contacts`` if it can be a target; 0 means that nothing is to be uploaded.

    Raises:
        Rejected: it is negative or absurdly large.

    """
    if not 0 <= contacts <= MAX_TARGET:
        raise Rejected(
            f"A target cannot be {contacts:,} contacts.",
            code="bad_target",
            remedy=f"Set it from 0 to {MAX_TARGET:,}.",
        )
    return contacts
