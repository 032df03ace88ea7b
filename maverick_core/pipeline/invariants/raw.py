"""Conservation before the upload: every raw contact is raw, kept or filtered, and never two.

And every candidate that came of one waits, is a contact, or is not mailable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

RAW: Final = "raw"
"""The bucket of a raw contact without a verdict."""
_KEPT: Final = "kept"
_NEVER_MAILABLE: Final = frozenset({"invalid", "unknown"})


@dataclass(frozen=True, slots=True)
class RawRow:
    """A raw contact on record."""

    id: int
    workspace_id: int


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict on record."""

    raw_contact_id: int
    code: str


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate on record."""

    id: int
    workspace_id: int
    email: str
    raw_contact_id: int


@dataclass(frozen=True, slots=True)
class VerifiedRow:
    """What verification made of a candidate, on record."""

    candidate_id: int
    verdict: str
    mailable: bool


@dataclass(frozen=True, slots=True)
class RawSnapshot:
    """All raw contacts at one moment, and what became of them.

    ``marks`` are by workspace the id up to which its raw contacts are judged, ``verified_marks``
    the one that its candidates are verified up to. ``mailboxes`` are the contacts, by workspace.
    """

    raw: Sequence[RawRow]
    verdicts: Sequence[VerdictRow]
    candidates: Sequence[CandidateRow]
    marks: Mapping[int, int]
    verified: Sequence[VerifiedRow] = ()
    verified_marks: Mapping[int, int] = field(default_factory=dict)
    mailboxes: Collection[tuple[int, str]] = ()


class RawBooks(Protocol):
    """Opens everything on record before the upload; meant for tests, audits, small universes."""

    def raw_snapshot(self) -> RawSnapshot:
        """Return all of it as it stands at one moment."""
        ...


def raw_buckets(now: RawSnapshot) -> Mapping[int, Counter[str]]:
    """Return by workspace how many raw contacts are ``raw``, ``kept`` or have which code."""
    codes = {row.raw_contact_id: row.code for row in now.verdicts}
    buckets: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in now.raw:
        buckets[row.workspace_id][codes.get(row.id, RAW)] += 1
    return buckets


def raw_buckets_add_up(now: RawSnapshot) -> list[str]:
    """Raw, kept and filtered together are all raw contacts, each in one of them.

    A candidate stands for one kept raw contact of its workspace, and each such for one candidate;
    a workspace has a mailbox once; and no raw contact is passed over: those up to the mark have
    their verdict, those beyond it have none. For candidates, see ``_candidates_are_verified``.
    """
    owners = {row.id: row.workspace_id for row in now.raw}
    verdicts = Counter(row.raw_contact_id for row in now.verdicts)
    found = [
        f"raw contact {id_} has {count} verdicts" for id_, count in verdicts.items() if count > 1
    ]
    found += [
        f"a verdict is on raw contact {id_}, which is gone" for id_ in verdicts.keys() - owners
    ]
    found += [
        f"raw contact {row.id} is {'judged' if row.id in verdicts else 'raw'} "
        f"and the mark of workspace {row.workspace_id} says otherwise"
        for row in now.raw
        if (row.id in verdicts) is not (row.id <= now.marks.get(row.workspace_id, 0))
    ]
    return found + _candidates_are_kept(now, owners) + _candidates_are_verified(now)


def _candidates_are_kept(now: RawSnapshot, owners: Mapping[int, int]) -> list[str]:
    kept = {row.raw_contact_id for row in now.verdicts if row.code == _KEPT}
    stood_for = Counter(row.raw_contact_id for row in now.candidates)
    found = [
        f"raw contact {id_} is kept and has {stood_for[id_]} candidates"
        for id_ in sorted(kept)
        if stood_for[id_] != 1
    ]
    found += [
        f"candidate {row.id} stands for raw contact {row.raw_contact_id}, which was not kept there"
        for row in now.candidates
        if row.raw_contact_id not in kept or owners.get(row.raw_contact_id) != row.workspace_id
    ]
    mailboxes = Counter((row.workspace_id, row.email) for row in now.candidates)
    twice = sum(count > 1 for count in mailboxes.values())
    return found + ([f"{twice} e-mails are candidates twice in a workspace"] if twice else [])


def _candidates_are_verified(now: RawSnapshot) -> list[str]:
    """Each candidate waits, is a contact, or is not mailable, and is one of these only.

    Whoever is invalid or unknown is in no case mailable; who is mailable is a contact; and nobody
    who waits is passed over.
    """
    candidates = {row.id: row for row in now.candidates}
    verdicts = Counter(row.candidate_id for row in now.verified)
    found = [
        f"candidate {id_} has {count} verdicts" for id_, count in verdicts.items() if count > 1
    ]
    found += [
        f"a verdict is on candidate {id_}, which is gone" for id_ in verdicts.keys() - candidates
    ]
    found += [
        f"candidate {row.id} waits, and the mark of workspace {row.workspace_id} is past it"
        for row in now.candidates
        if row.id not in verdicts and row.id <= now.verified_marks.get(row.workspace_id, 0)
    ]
    mailable = [row for row in now.verified if row.mailable and row.candidate_id in candidates]
    found += [
        f"candidate {row.candidate_id} is {row.verdict} and mailable"
        for row in mailable
        if row.verdict in _NEVER_MAILABLE
    ]
    mailboxes = set(now.mailboxes)
    found += [
        f"candidate {id_} is mailable and no contact"
        for id_ in (row.candidate_id for row in mailable)
        if (candidates[id_].workspace_id, candidates[id_].email) not in mailboxes
    ]
    return found
