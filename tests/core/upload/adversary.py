"""A record and a destination for the upload machine alone: small, slow, and obviously right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import Attach, ChunkLeft, End, Push, Settle
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Answer,
    Attached,
    Limited,
    Lost,
    Misconfigured,
    Refused,
    Unauthorised,
    Unavailable,
)


class Nature(StrEnum):
    """What the destination thinks of a contact; it does not change its mind."""

    GOOD = "good"
    BAD = "bad"
    WORSE = "worse"
    """Refused too, for another reason."""
    SKIPPED = "skipped"
    UNATTACHABLE = "unattachable"
    LEFT_OUT = "left_out"


class Fate(StrEnum):
    """What becomes of a request on its way."""

    ANSWERED = "answered"
    ANSWERED_WITHOUT_ROWS = "answered_without_rows"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    FAILED_BEFORE = "failed_before"
    FAILED_AFTER = "failed_after"
    NOT_REACHED = "not_reached"
    LIMITED = "limited"
    UNAUTHORISED = "unauthorised"
    MISCONFIGURED = "misconfigured"


REFUSED = {Nature.BAD: "The email is invalid.", Nature.WORSE: "The name is missing."}
UNATTACHABLE = "In another sequence."
ON_THE_WAY: Mapping[Fate, Answer] = {
    Fate.LOST_BEFORE: Lost("reset"),
    Fate.LOST_AFTER: Lost("time-out"),
    Fate.FAILED_BEFORE: Unavailable("502"),
    Fate.FAILED_AFTER: Unavailable("504"),
    Fate.NOT_REACHED: Unavailable("refused", reached=False),
    Fate.LIMITED: Limited(0.5),
    Fate.UNAUTHORISED: Unauthorised("token_refused", "401"),
    Fate.MISCONFIGURED: Misconfigured("not_found", "404"),
}
TAKEN_ALL_THE_SAME = (Fate.LOST_AFTER, Fate.FAILED_AFTER)
MAY_BE_TAKEN = (*TAKEN_ALL_THE_SAME, Fate.LOST_BEFORE, Fate.FAILED_BEFORE)


@dataclass
class Destination:
    """Judges requests whole, as Email Bison does: one bad row refuses all of them."""

    natures: Mapping[int, Nature]
    held: set[int] = field(default_factory=set)
    enrolled: set[int] = field(default_factory=set)
    requests: list[Push | Attach] = field(default_factory=list)

    def answer(self, action: Push | Attach, fate: Fate) -> Answer:
        """Do with the request what its fate is and return what the machine hears of it."""
        self.requests.append(action)
        judge = self._push if isinstance(action, Push) else self._attach
        if fate in TAKEN_ALL_THE_SAME:
            judge(action.contacts, named=True)
        if answer := ON_THE_WAY.get(fate):
            return answer
        return judge(action.contacts, named=fate is Fate.ANSWERED)

    def _push(self, contacts: Sequence[int], *, named: bool) -> Answer:
        refused = self._rows(contacts, REFUSED)
        if refused:
            return Refused("The leads are invalid.", refused if named else {})
        taken = [contact for contact in contacts if self.natures[contact] is not Nature.SKIPPED]
        self.held.update(taken)
        return Accepted([contact + 1000 if contact in taken else None for contact in contacts])

    def _attach(self, contacts: Sequence[int], *, named: bool) -> Answer:
        if refused := self._rows(contacts, {Nature.UNATTACHABLE: UNATTACHABLE}):
            return Refused(UNATTACHABLE, refused if named else {})
        missing = [
            index
            for index, contact in enumerate(contacts)
            if self.natures[contact] is Nature.LEFT_OUT
        ]
        self.enrolled.update(set(contacts) - {contacts[index] for index in missing})
        return Attached(missing)

    def _rows(self, contacts: Sequence[int], reasons: Mapping[Nature, str]) -> dict[int, str]:
        natures = [self.natures[contact] for contact in contacts]
        return {row: reasons[nature] for row, nature in enumerate(natures) if nature in reasons}


@dataclass
class Record:
    """What a store keeps of one batch; refuses what a store would refuse."""

    chunks: Mapping[int, tuple[int, ...]]
    campaign: bool
    sent: set[int] = field(default_factory=set)
    attached: set[int] = field(default_factory=set)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def left(self) -> list[ChunkLeft]:
        """Return what a claim hands out."""
        return [
            ChunkLeft(
                number,
                self.unsettled(number),
                in_doubt=number in self.sent,
                to_attach=self._to_attach(members),
            )
            for number, members in self.chunks.items()
            if number not in self.attached and (self.campaign or self.unsettled(number))
        ]

    def unsettled(self, number: int) -> tuple[int, ...]:
        """Return the chunk's contacts without an outcome."""
        return tuple(contact for contact in self.chunks[number] if contact not in self.outcomes)

    @property
    def something_accepted(self) -> bool:
        """Say whether any contact was taken and recorded so."""
        taken = (Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE)
        return any(outcome in taken for outcome in self.outcomes.values())

    def settle(self, settlement: Settle) -> None:
        """Append outcomes; each contact gets one, and a chunk closes when all have theirs."""
        new = {
            **{contact: Outcome.ACCEPTED for contact, _ in settlement.accepted},
            **dict.fromkeys(settlement.skipped, Outcome.SKIPPED),
            **{contact: Outcome.REJECTED for contact, _ in settlement.rejected},
        }
        assert not new.keys() & self.outcomes.keys(), "an outcome is recorded once"
        assert new.keys() <= set(self.chunks[settlement.chunk])
        assert not new or settlement.chunk in self.sent, "sent before it is settled"
        self.outcomes |= new
        for contact, _ in settlement.not_attachable:
            assert self.outcomes[contact] is Outcome.ACCEPTED
            self.outcomes[contact] = Outcome.NOT_ATTACHABLE
        if settlement.settled or settlement.attached:
            assert not self.unsettled(settlement.chunk)
        if settlement.attached:
            self.attached.add(settlement.chunk)

    def end(self, end: End) -> None:
        """Turn back what was not sent."""
        self.sent -= set(end.not_sent)

    def _to_attach(self, members: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        taken = (contact for contact in members if self.outcomes.get(contact) is Outcome.ACCEPTED)
        return tuple((contact, contact + 1000) for contact in taken) if self.campaign else ()
