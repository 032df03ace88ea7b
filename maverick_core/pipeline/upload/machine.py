"""The upload of one claimed batch as a pure state machine: told what happened, says what next.

Theory of operation
-------------------
The machine knows ids and answers, never a lead, a connection, a database or a clock. Its driver
asks ``next()`` and does what that returns; whatever comes back it tells with ``answered()``.
Several requests may be under way at once; their answers may come in any order.

*Before* anything else ``next()`` hands out what must go on record (``Settle``). So a driver that
dies at any point leaves a record from which a new machine can go on: a chunk that is on record as
sent and has contacts without an outcome is *in doubt*, and is sent again. That is harmless, because
the destination's upsert is idempotent and an outcome can be recorded only once.

A refused piece is taken apart. Rows that the answer names are taken out; otherwise the piece is
split in halves, which wait at the *end* of the queue. Breadth first, so large good pieces are taken
before the search for a few bad contacts goes on, and k bad ones of n cost at most
k * (2 * ceil(log2 n) + 1) requests. What ends alone and refused is a suspect until it is clear that
the batch is not at fault.

Trouble (slow down, outage, lost answer) sends the same piece again after a pause, as the retry
policy says. When that gives up, or the token is refused, or the set-up is wrong, nothing new is
started; what is under way is waited for and recorded, and then the batch ends as failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.upload.actions import (
    Action,
    Attach,
    ChunkLeft,
    End,
    Listen,
    Pause,
    Push,
    Settle,
)
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
from maverick_core.pipeline.upload.failures import AT_FAULT, GAVE_UP
from maverick_core.pipeline.upload.pieces import Errand, Piece, Suspects
from maverick_core.retry import GiveUp, RetryPolicy, Trouble
from maverick_core.suppression.rules import SUPPRESSED_IN_DOUBT, SUPPRESSED_REASON

IN_FLIGHT: Final = 4  # requests under way for one batch
LEFT_OUT: Final = "Left out of the campaign without a word."


class UploadMachine:
    """Drives one claim of a batch from its first request to its end."""

    def __init__(
        self,
        chunks: Iterable[ChunkLeft],
        *,
        campaign: bool = False,
        something_accepted: bool = False,
        something_attached: bool = False,
        retry: RetryPolicy | None = None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        """Start from what is left of the batch.

        ``campaign``: accepted leads are to be attached to one. ``something_accepted`` and
        ``something_attached``: an earlier claim got a contact through, or into the campaign, so
        single refusals are the contacts' own fault.
        """
        self._retry = retry or RetryPolicy()
        self._in_flight = in_flight
        self._campaign = campaign
        self._queue: deque[Piece] = deque()
        self._under_way: dict[int, Piece] = {}
        self._records: deque[Settle] = deque()
        self._suspects = {
            Errand.PUSH: Suspects(cleared=something_accepted),
            Errand.ATTACH: Suspects(cleared=something_attached),
        }
        self._unsettled: dict[int, int] = {}
        self._unattached: dict[int, int] = {}
        self._taken: dict[int, list[tuple[int, int]]] = {}
        self._opened: set[int] = set()
        self._pause = 0.0
        self._ending: End | None = None
        self._fault: End | None = None
        self._cancelled = False
        self.requests = 0
        for chunk in chunks:
            self._take_over(chunk)

    def _take_over(self, chunk: ChunkLeft) -> None:
        self._taken[chunk.number] = list(chunk.to_attach)
        self._unsettled[chunk.number] = len(chunk.contacts)
        if chunk.contacts:
            piece = Piece(Errand.PUSH, chunk.number, chunk.contacts, in_doubt=chunk.in_doubt)
            self._queue.append(piece)
        else:
            self._queue_attach(chunk.number)

    # What the driver asks and tells

    def next(self) -> Action:
        """Return what to do now. After ``End`` the machine is finished."""
        while True:
            if self._records:
                return self._records.popleft()
            if self._may_start() and len(self._under_way) < self._in_flight:
                return self._start(self._queue.popleft())
            if self._under_way:
                return Listen()
            if ending := self._ending or self._fault:
                return self._end(ending)
            if self._pause:
                seconds, self._pause = self._pause, 0.0
                return Pause(seconds)
            self._wind_up()

    def answered(self, request: int, answer: Answer, *, draw: float = 0.0) -> None:
        """Tell what came back for ``request``; ``draw`` in [0, 1) spreads a wait after it."""
        piece = self._under_way.pop(request)
        match answer:
            case Accepted():
                self._accepted(piece, answer)
            case Attached():
                self._attached(piece, [(index, LEFT_OUT) for index in answer.missing])
            case Refused():
                self._refused(piece, answer)
            case Limited():
                self._again(piece, Trouble.LIMITED, "", draw, answer.retry_after)
            case Unavailable():
                piece.in_doubt |= answer.reached and piece.errand is Errand.PUSH
                self._again(piece, Trouble.UNAVAILABLE, answer.detail, draw)
            case Lost():
                piece.in_doubt |= piece.errand is Errand.PUSH
                self._again(piece, Trouble.LOST, answer.detail, draw)
            case Misconfigured() if self._cancelled and piece.errand is Errand.ATTACH:
                # Nobody will set a cancelled batch's campaign right: it would never come to an end.
                self._attached(piece, [(row, answer.detail) for row in range(len(piece.contacts))])
            case Unauthorised() | Misconfigured():
                self._queue.appendleft(piece)
                holds = isinstance(answer, Unauthorised)
                self._fail(answer.code, answer.detail, holds=holds)
        if self._cancelled:
            self._drop_what_is_new()

    def withheld(self, request: int, contacts: Collection[int]) -> None:
        """Take contacts out of a request that is not made yet: nobody may write to them any more.

        Whom nobody took so far is skipped, who was taken is kept out of the campaign. With nobody
        left the request is not to be made, and there is no answer to it.
        """
        piece = self._under_way.pop(request)
        rows = range(len(piece.contacts))
        if left := [row for row in rows if piece.contacts[row] not in contacts]:
            self._under_way[request] = replace(piece.only(left), tries=piece.tries)
        out = piece.only([row for row in rows if piece.contacts[row] in contacts])
        if out.errand is Errand.ATTACH:
            self._attached(out, [(row, SUPPRESSED_REASON) for row in range(len(out.contacts))])
        else:
            reason = SUPPRESSED_IN_DOUBT if out.in_doubt else SUPPRESSED_REASON
            suppressed = [(contact, reason) for contact in out.contacts]
            self._settle(out, Settle(out.chunk, suppressed=suppressed))

    def cancel(self) -> None:
        """Send nothing new; only settle what is in doubt and attach what was taken, then end."""
        self._cancelled = True
        self._drop_what_is_new()

    def stop(self) -> None:
        """Start nothing new and hand the batch back: the worker is asked to go."""
        handed_back = End(BatchEvent.HAND_BACK, "worker_stopped")
        self._ending = self._ending or self._fault or handed_back

    # Starting and ending

    def _may_start(self) -> bool:
        return bool(self._queue) and not (self._ending or self._fault or self._pause)

    def _start(self, piece: Piece) -> Push | Attach:
        self.requests += 1
        self._under_way[self.requests] = piece
        if piece.errand is Errand.PUSH:
            self._opened.add(piece.chunk)
            return Push(self.requests, piece.chunk, piece.contacts)
        return Attach(self.requests, piece.chunk, piece.contacts, piece.lead_ids)

    def _drop_what_is_new(self) -> None:
        self._queue = deque(
            piece for piece in self._queue if piece.in_doubt or piece.errand is Errand.ATTACH
        )

    def _wind_up(self) -> None:
        """Judge who is still suspect and attach what a cancelled batch has; then it is over."""
        self._judge(nothing_left=True)
        if self._cancelled and not self._fault:
            for chunk, pairs in self._taken.items():
                if pairs and self._campaign:
                    self._queue_attach(chunk)
        if not (self._records or self._fault or self._queue):
            stopped_short = self._cancelled and any(self._unsettled.values())
            self._ending = End(BatchEvent.CANCEL if stopped_short else BatchEvent.FINISH)

    def _fail(self, code: str, detail: str, *, holds: bool = False) -> None:
        self._ending = self._ending or End(BatchEvent.FAIL, code, detail, holds_workspace=holds)

    def _end(self, ending: End) -> End:
        waiting = [*self._queue, *self._suspects[Errand.PUSH].pieces]
        doubtful = {piece.chunk for piece in waiting if piece.in_doubt}
        open_chunks = {chunk for chunk in self._opened if self._unsettled[chunk]}
        not_sent = tuple(sorted(open_chunks - doubtful))
        if (
            self._cancelled
            and ending.event is not BatchEvent.FINISH
            and not (doubtful or self._something_to_attach())
        ):
            # What failed is what a person no longer wants: nothing stands against cancelling.
            return replace(ending, event=BatchEvent.CANCEL, not_sent=not_sent)
        return replace(ending, not_sent=not_sent)

    def _something_to_attach(self) -> bool:
        waiting = [*self._queue, *self._suspects[Errand.ATTACH].pieces]
        taken = self._campaign and any(self._taken.values())
        return taken or any(piece.errand is Errand.ATTACH for piece in waiting)

    # Answers

    def _accepted(self, piece: Piece, answer: Accepted) -> None:
        pairs = list(zip(piece.contacts, answer.lead_ids, strict=True))
        accepted = [(contact, lead) for contact, lead in pairs if lead is not None]
        skipped = [contact for contact, lead in pairs if lead is None]
        if accepted:
            self._suspects[Errand.PUSH].clear_batch()
            self._taken[piece.chunk] += accepted
        self._settle(piece, Settle(piece.chunk, accepted=accepted, skipped=skipped))
        self._judge()

    def _settle(self, piece: Piece, settlement: Settle) -> None:
        self._unsettled[piece.chunk] -= len(piece.contacts)
        settled = not self._unsettled[piece.chunk]
        self._records.append(replace(settlement, settled=settled))
        if settled:
            self._queue_attach(piece.chunk)

    def _queue_attach(self, chunk: int) -> None:
        if not self._campaign:
            return
        pairs, self._taken[chunk] = self._taken[chunk], []
        self._unattached[chunk] = len(pairs)
        if pairs:
            contacts, lead_ids = zip(*pairs, strict=True)
            self._queue.append(Piece(Errand.ATTACH, chunk, contacts, lead_ids))
        else:
            self._records.append(Settle(chunk, attached=True))

    def _attached(self, piece: Piece, refused: list[tuple[int, str]]) -> None:
        if len(refused) < len(piece.contacts):
            self._suspects[Errand.ATTACH].clear_batch()
        self._unattached[piece.chunk] -= len(piece.contacts)
        not_attachable = [(piece.contacts[index], reason) for index, reason in refused]
        # A cancelled chunk is attached as far as it was taken, and stays open.
        attached = not (self._unattached[piece.chunk] or self._unsettled[piece.chunk])
        self._records.append(Settle(piece.chunk, not_attachable=not_attachable, attached=attached))
        self._judge()

    def _refused(self, piece: Piece, answer: Refused) -> None:
        size = len(piece.contacts)
        named = {index: reason for index, reason in answer.rows.items() if 0 <= index < size}
        if size > 1 and not named:
            self._queue.extend(piece.halves())
            return
        if size == 1:
            named = {0: named.get(0, answer.detail)}
        rest = [index for index in range(size) if index not in named]
        if rest:
            self._queue.append(piece.only(rest))
        self._suspects[piece.errand].add(piece.only(list(named)), tuple(named.values()))
        self._judge()

    def _judge(self, *, nothing_left: bool = False) -> None:
        self._fault = None
        for errand, suspects in self._suspects.items():
            fault = suspects.fault(nothing_left=nothing_left)
            if fault and not (self._cancelled and errand is Errand.ATTACH):
                self._fault = self._fault or End(BatchEvent.FAIL, AT_FAULT[errand], fault)
                continue
            for piece, reasons in suspects.convict(nothing_left=nothing_left):
                if errand is Errand.ATTACH:
                    self._attached(piece, list(enumerate(reasons)))
                else:
                    rejected = list(zip(piece.contacts, reasons, strict=True))
                    self._settle(piece, Settle(piece.chunk, rejected=rejected))

    def _again(
        self,
        piece: Piece,
        trouble: Trouble,
        detail: str,
        draw: float,
        retry_after: float | None = None,
    ) -> None:
        tries = piece.tries[trouble] = piece.tries.get(trouble, 0) + 1
        verdict = self._retry.decide(trouble, tries=tries, retry_after=retry_after, draw=draw)
        self._queue.appendleft(piece)
        if isinstance(verdict, GiveUp):
            code, text = GAVE_UP[trouble]
            self._fail(code, f"{text}: {detail}" if detail else text)
        else:
            self._pause = max(self._pause, verdict.after_seconds)
