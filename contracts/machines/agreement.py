"""What workers do to all stores at once: late, twice, carelessly, and now and then well.

What a worker could never do (settle what it did not send) is left out, what it must not do (settle
twice, end short, write with an old fence) is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.machines.places import Place
from contracts.machines.shop import CHUNK, NAMES, Shop, ages
from contracts.store.site import LEASE, contact
from maverick_core.pipeline.batch import BatchEvent, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.ports import Claim

_LEADS: Final = {contact(name).email: 100 + number for number, name in enumerate(NAMES)}

verdicts = st.lists(
    st.sampled_from(["accepted", "accepted", "skipped", "rejected", ""]),
    min_size=CHUNK,
    max_size=CHUNK,
)
"""One for each member of a chunk; an empty one says nothing of it."""
ends = st.sampled_from(
    [BatchEvent.FINISH, BatchEvent.FAIL, BatchEvent.HAND_BACK, BatchEvent.CANCEL]
)


@dataclass(frozen=True)
class ChunkSeen:
    """A chunk in the first store: its members by e-mail, and which have no outcome or wait."""

    number: int
    state: ChunkState
    members: tuple[str, ...]
    open: frozenset[str]
    taken: tuple[str, ...]


def some_claim(machine: Agreement) -> bool:
    """Say whether anybody has claimed anything."""
    return bool(machine.first.claims)


class Agreement(Shop):
    """The machine: people and workers."""

    @rule(age=ages, worker=st.sampled_from(["worker-1", "worker-2"]))
    def claim(self, age: int, worker: str) -> None:
        """Try to have a batch."""
        self.together(lambda place: place.claim(age, worker, LEASE))

    @rule()
    def leases_run_out(self) -> None:
        """Let every worker of now be late."""
        self.together(lambda place: place.site.leases_run_out())

    @precondition(some_claim)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        """Beat."""
        index = self._claim(data)
        self.together(lambda place: place.record.renew(place.claims[index], lease_seconds=LEASE))

    @precondition(some_claim)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """Put an intent on record, for a chunk that is planned or was sent before."""
        index = self._claim(data)
        chunk = self._chunk(data, index, ChunkState.PLANNED, ChunkState.SENT)
        if chunk:
            self.together(lambda place: place.site.send(place.claims[index], chunk.number))

    @precondition(some_claim)
    @rule(data=st.data(), said=verdicts, careless=st.booleans())
    def settle(self, data: st.DataObject, said: list[str], *, careless: bool) -> None:
        """Put outcomes on record; who is careless, also those that are there already."""
        index = self._claim(data)
        chunk = self._chunk(data, index, ChunkState.SENT)
        if chunk:
            words = {
                email: word
                for email, word in zip(chunk.members, said, strict=False)
                if word and (careless or email in chunk.open)
            }
            self.together(lambda place: _settle(place, index, chunk, words))

    @precondition(some_claim)
    @rule(data=st.data(), wanted=st.booleans())
    def attach(self, data: st.DataObject, *, wanted: bool) -> None:
        """Say that a chunk is in the campaign, apart from its first lead if that is not wanted."""
        index = self._claim(data)
        if self.first.claims[index].campaign_id is None:
            return
        chunk = self._chunk(data, index, ChunkState.SETTLED)
        if chunk:
            unwanted = () if wanted else chunk.taken[:1]
            self.together(lambda place: _attach(place, index, chunk, unwanted))

    @precondition(some_claim)
    @rule(data=st.data(), event=ends, certain=st.booleans(), holds=st.sampled_from([False, True]))
    def finish(self, data: st.DataObject, event: BatchEvent, *, certain: bool, holds: bool) -> None:
        """End a claim; only who is certain of what was not taken may cancel."""
        index = self._claim(data)
        sent = [chunk.number for chunk in self._chunks(index) if chunk.state is ChunkState.SENT]
        not_sent = sent if certain or event is BatchEvent.CANCEL else ()
        holds = holds and event in (BatchEvent.FAIL, BatchEvent.CANCEL)
        end = End(event, "some_code", "In words.", tuple(not_sent), holds_workspace=holds)
        self.together(lambda place: place.record.finish(place.claims[index], end))

    @precondition(some_claim)
    @rule(data=st.data())
    def upload(self, data: st.DataObject) -> None:
        """Do everything right: send, settle and attach what is left, and finish."""
        index = self._claim(data)
        chunks = [chunk for chunk in self._chunks(index) if chunk.state is not ChunkState.ATTACHED]
        self.together(lambda place: _upload(place, index, chunks))

    # What the first store is asked

    def _claim(self, data: st.DataObject) -> int:
        """Choose a claim, the latest ones first."""
        back = data.draw(st.integers(0, len(self.first.claims) - 1), label="claims ago")
        return len(self.first.claims) - 1 - back

    def _chunk(self, data: st.DataObject, index: int, *states: ChunkState) -> ChunkSeen | None:
        """Choose a chunk of the claimed batch that is in one of these states, if any is."""
        chunks = [chunk for chunk in self._chunks(index) if chunk.state in states]
        return data.draw(st.sampled_from(chunks), label="chunk") if chunks else None

    def _chunks(self, index: int) -> Iterable[ChunkSeen]:
        claim: Claim = self.first.claims[index]
        books = self.first.books
        for row in books.chunks:
            if row.batch_id != claim.batch_id:
                continue
            members = [
                member.contact_id
                for member in books.members
                if (member.batch_id, member.chunk) == (row.batch_id, row.number)
            ]
            email = {contact_id: books.contact[contact_id].email for contact_id in members}
            known = {m: books.outcome[m].outcome for m in members if m in books.outcome}
            yield ChunkSeen(
                row.number,
                row.state,
                tuple(email.values()),
                frozenset(email[m] for m in members if m not in known),
                tuple(email[m] for m in members if known.get(m) is Outcome.ACCEPTED),
            )


def _upload(place: Place, index: int, chunks: Iterable[ChunkSeen]) -> None:
    claim = place.claims[index]
    for chunk in chunks:
        if chunk.state is not ChunkState.SETTLED:
            place.site.send(claim, chunk.number)
            _settle(place, index, chunk, dict.fromkeys(sorted(chunk.open), "accepted"))
        if claim.campaign_id:
            _attach(place, index, chunk, ())
    place.site.end(claim, BatchEvent.FINISH)


def _settle(place: Place, index: int, chunk: ChunkSeen, words: Mapping[str, str]) -> bool:
    claim = place.claims[index]
    ids = dict(zip(words, place.contact_ids(claim.batch_id, words), strict=True))

    def said(word: str) -> list[str]:
        return [email for email in words if words[email] == word]

    settlement = Settle(
        chunk.number,
        accepted=[(ids[email], _LEADS[email]) for email in said("accepted")],
        skipped=[ids[email] for email in said("skipped")],
        rejected=[(ids[email], "bounced") for email in said("rejected")],
        settled=chunk.open <= words.keys(),
    )
    return place.site.settle(claim, settlement)


def _attach(place: Place, index: int, chunk: ChunkSeen, unwanted: Iterable[str]) -> bool:
    claim = place.claims[index]
    ids = place.contact_ids(claim.batch_id, unwanted)
    reasons = [(contact_id, "elsewhere") for contact_id in ids]
    return place.site.settle(claim, Settle(chunk.number, not_attachable=reasons, attached=True))
