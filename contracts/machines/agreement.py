"""What workers do to all stores at once: late, twice, carelessly, and now and then well.

What a worker could never do (settle what it did not send) is left out, what it must not do (settle
twice, end short, cancel in doubt, write with an old fence) is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import rule

from contracts.machines.places import Place
from contracts.machines.shop import CHUNK, NAMES, Shop, ages
from contracts.store.site import LEASE, contact
from maverick_core.pipeline.batch import MAX_CLAIMS, BatchEvent, BatchState, ChunkState
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.invariants import ChunkRow
from maverick_core.pipeline.upload.actions import End, Settle

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


class Agreement(Shop):
    """The machine: people and workers."""

    @rule(age=ages, worker=st.sampled_from(["worker-1", "worker-2"]))
    def claim(self, age: int, worker: str) -> None:
        """Try to have a batch."""
        self.together(lambda place: place.claim(age, worker, LEASE))

    @rule(times=st.sampled_from([0, 1, 1, MAX_CLAIMS]))
    def leases_run_out(self, times: int) -> None:
        """Let every worker of now be late, and be replaced so many ``times``."""
        self.together(lambda place: place.site.leases_run_out())
        for _ in range(times):
            for age in self.first.claimable():
                self.claim(age, "worker-4")
            if times > 1:
                self.together(lambda place: place.site.leases_run_out())

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        """Beat."""
        index = self._worker(data)
        self.together(lambda place: place.record.renew(place.claims[index], lease_seconds=LEASE))

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """Put an intent on record, now and then for a chunk that is settled."""
        index = self._worker(data)
        chunk = data.draw(st.sampled_from(self._chunks(index)), label="chunk")
        self.together(lambda place: place.site.send(place.claims[index], chunk.number))

    @rule(data=st.data(), said=verdicts, careless=st.booleans())
    def settle(self, data: st.DataObject, said: list[str], *, careless: bool) -> None:
        """Put outcomes on record; who is careless, also those that are there already."""
        index = self._worker(data)
        chunk = data.draw(st.sampled_from(self._chunks(index)), label="chunk")
        words = {
            email: word
            for email, word in zip(chunk.members, said, strict=False)
            if word and (careless or email in chunk.open)
        }
        self.together(lambda place: _send_and_settle(place, index, chunk, words))

    @rule(data=st.data(), wanted=st.booleans())
    def attach(self, data: st.DataObject, *, wanted: bool) -> None:
        """Say that a chunk is in the campaign, apart from its first lead if that is not wanted."""
        index = self._worker(data)
        chunk = data.draw(st.sampled_from(self._chunks(index)), label="chunk")
        unwanted = () if wanted else chunk.taken[:1]
        if self.first.claims[index].campaign_id and chunk.state is ChunkState.SETTLED:
            self.together(lambda place: _attach(place, index, chunk, unwanted))

    @rule(data=st.data(), event=ends, certain=st.booleans(), holds=st.booleans())
    def finish(self, data: st.DataObject, event: BatchEvent, *, certain: bool, holds: bool) -> None:
        """End a claim, certain or not of what was not taken."""
        index = self._worker(data)
        sent = [chunk.number for chunk in self._chunks(index) if chunk.state is ChunkState.SENT]
        not_sent = tuple(sent if certain else ())
        holds = holds and event in (BatchEvent.FAIL, BatchEvent.CANCEL)
        end = End(event, "some_code", "In words.", not_sent, holds_workspace=holds)
        self.together(lambda place: place.record.finish(place.claims[index], end))

    @rule(data=st.data())
    def upload(self, data: st.DataObject) -> None:
        """Do everything right: send, settle and attach what is left, and finish."""
        index = self._worker(data)
        chunks = [chunk for chunk in self._chunks(index) if chunk.state is not ChunkState.ATTACHED]
        self.together(lambda place: _upload(place, index, chunks))

    # What the first store is asked

    def _worker(self, data: st.DataObject) -> int:
        """Choose a claim: as a rule one that is valid, made now if there is none.

        Else one whose batch another worker has by now, or any.
        """
        if not self._claims(valid=True):
            for age in self.first.claimable()[:1]:
                self.claim(age, "worker-3")
        valid, replaced = self._claims(valid=True), self._claims(valid=False)
        anybody = list(range(len(self.first.claims)))
        assume(anybody)
        kinds = [kind for kind in (valid, valid, valid, replaced, anybody) if kind]
        return data.draw(st.sampled_from(kinds).flatmap(st.sampled_from), label="claim")

    def _claims(self, *, valid: bool) -> list[int]:
        """Return the claims of batches that are being uploaded, by a valid fence or an old one."""
        batches = self.first.books.batch
        return [
            index
            for index, claim in enumerate(self.first.claims)
            if batches[claim.batch_id].state is BatchState.UPLOADING
            and (batches[claim.batch_id].fence == claim.fence) is valid
        ]

    def _chunks(self, index: int) -> list[ChunkSeen]:
        batch_id = self.first.claims[index].batch_id
        rows = self.first.books.chunks
        return [self._chunk(row) for row in rows if row.batch_id == batch_id]

    def _chunk(self, row: ChunkRow) -> ChunkSeen:
        books = self.first.books
        members = [
            member.contact_id
            for member in books.members
            if (member.batch_id, member.chunk) == (row.batch_id, row.number)
        ]
        email = {contact_id: books.contact[contact_id].email for contact_id in members}
        known = {m: books.outcome[m].outcome for m in members if m in books.outcome}
        return ChunkSeen(
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
            words = dict.fromkeys(sorted(chunk.open), "accepted")
            _send_and_settle(place, index, chunk, words)
        if claim.campaign_id:
            _attach(place, index, chunk, ())
    place.site.end(claim, BatchEvent.FINISH)


def _send_and_settle(place: Place, index: int, chunk: ChunkSeen, words: Mapping[str, str]) -> bool:
    claim = place.claims[index]
    if chunk.state is ChunkState.PLANNED:
        place.site.send(claim, chunk.number)
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
