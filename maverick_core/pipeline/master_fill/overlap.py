"""Whom a refill may bring: codes that say why not, asked in their order.

Whoever passes here is judged by the workspace's filter, as any raw contact is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.rules import TAKEN
from maverick_core.pipeline.verification.verdicts import Verdict

MOST_DAYS: Final = 3_650


class RefillCode(StrEnum):
    """Why a mailbox of the master list is not brought, beside the codes of the filter."""

    BROUGHT_BEFORE = "brought_before"
    BOUNCED = "bounced"
    REJECTED_BEFORE = "rejected_before"
    INVALID = "invalid"
    HELD_ELSEWHERE = "held_elsewhere"
    BATCHED_ELSEWHERE = "batched_elsewhere"
    UPLOADED_LATELY = "uploaded_lately"


MEANINGS: Final[Mapping[RefillCode, str]] = MappingProxyType(
    {
        RefillCode.BROUGHT_BEFORE: "An earlier refill brought this mailbox to the workspace.",
        RefillCode.BOUNCED: "A mail to this mailbox bounced, in whichever workspace.",
        RefillCode.REJECTED_BEFORE: "Email Bison refused it when it was last uploaded.",
        RefillCode.INVALID: "Verification found that the mailbox does not exist.",
        RefillCode.HELD_ELSEWHERE: "Another workspace holds it, and may write to it.",
        RefillCode.BATCHED_ELSEWHERE: "It is in a batch of another workspace, about to be sent.",
        RefillCode.UPLOADED_LATELY: "Another workspace uploaded it fewer days ago than allowed.",
    }
)


@dataclass(frozen=True, slots=True)
class Overlap:
    """How close two workspaces may come to writing to one mailbox.

    ``days`` have to pass since another workspace uploaded it. Without days no other workspace may
    hold it: as a candidate or a contact that waits, or as a lead.
    """

    days: int | None = None

    def __str__(self) -> str:
        """Return it as people write it."""
        return "none" if self.days is None else str(self.days)


def parse_overlap(text: str) -> Overlap:
    """Read ``none`` or a number of days.

    Raises:
        Rejected: ``bad_overlap``.

    """
    if text == "none":
        return Overlap()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS:
        return Overlap(int(text))
    raise Rejected(
        f"An overlap is not written as {text!r}.",
        code="bad_overlap",
        remedy=f'Write "none", or the days since an upload elsewhere, 1 to {MOST_DAYS:,}.',
    )


class Elsewhere(NamedTuple):
    """What other workspaces have of a mailbox at present.

    ``waits``: one of them has it as a candidate without a verdict, or as a contact without an
    outcome; ``batched``: the contact is in a batch. ``outcome`` is the latest, and ``uploaded_at``
    when it was last taken.
    """

    waits: bool = False
    batched: bool = False
    outcome: Outcome | None = None
    uploaded_at: datetime | None = None


NOWHERE: Final = Elsewhere()


class Standing(NamedTuple):
    """What is known of mailboxes of a page, by e-mail; what is not there holds for none."""

    brought: frozenset[str]
    bounced: frozenset[str]
    verdicts: Mapping[str, Verdict]
    elsewhere: Mapping[str, Elsewhere]


def objection(
    email: str, standing: Standing, overlap: Overlap, *, now: datetime
) -> RefillCode | None:
    """Return why the mailbox must not be brought, None where it may be."""
    elsewhere = standing.elsewhere.get(email, NOWHERE)
    if email in standing.brought:
        return RefillCode.BROUGHT_BEFORE
    if email in standing.bounced:
        return RefillCode.BOUNCED
    if elsewhere.outcome is Outcome.REJECTED:
        return RefillCode.REJECTED_BEFORE
    if standing.verdicts.get(email) is Verdict.INVALID:
        return RefillCode.INVALID
    return _overlap(elsewhere, overlap, now)


def _overlap(elsewhere: Elsewhere, overlap: Overlap, now: datetime) -> RefillCode | None:
    uploaded_at = elsewhere.uploaded_at
    if overlap.days is None:
        held = elsewhere.waits or uploaded_at is not None
        return RefillCode.HELD_ELSEWHERE if held else None
    if elsewhere.batched:
        return RefillCode.BATCHED_ELSEWHERE
    if uploaded_at is not None and now - uploaded_at < timedelta(days=overlap.days):
        return RefillCode.UPLOADED_LATELY
    return None


def with_outcomes(known: Elsewhere, events: Sequence[tuple[datetime, int, Outcome]]) -> Elsewhere:
    """Return ``known`` with what became of the mailbox: when, as which contact, and what."""
    taken = [at for at, _, outcome in events if outcome in TAKEN]
    return known._replace(outcome=max(events)[-1], uploaded_at=max(taken, default=None))
