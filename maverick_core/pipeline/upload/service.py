"""Upload one batch: claim it, do what the machine says, and leave a record at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.actions import Action, Attach, End, Listen, Pause, Push, Settle
from maverick_core.pipeline.upload.answers import Answer
from maverick_core.pipeline.upload.machine import IN_FLIGHT, UploadMachine
from maverick_core.pipeline.upload.ports import (
    Airfield,
    Claim,
    Flights,
    LeadSink,
    LeadSinks,
    LeadsToSend,
    NotClaimed,
    StaleWorker,
    UploadRecord,
)
from maverick_core.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class UploadTerms:
    """The numbers an upload works with."""

    lease_seconds: float = 60.0
    in_flight: int = IN_FLIGHT
    """Requests under way for one batch."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    @property
    def beat_seconds(self) -> float:
        """How long to wait for anything before the lease is renewed."""
        return self.lease_seconds / 3


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of the batch in this run; ``code`` and ``detail`` say why in words."""

    batch_id: int
    result: str
    """A ``BatchEvent`` value, ``not_claimed`` or ``stale``."""
    code: str = ""
    detail: str = ""
    requests: int = 0


@dataclass(frozen=True, slots=True)
class UploadBatch:
    """Use case: bring one batch to its end, or to where only a person can help.

    Safe to run at any time, any number of times and in several places at once: the claim decides,
    and what a crashed run left in doubt the next one settles. No transaction spans a request.
    """

    record: UploadRecord
    leads: LeadsToSend
    sinks: LeadSinks
    airfield: Airfield
    terms: UploadTerms = field(default_factory=UploadTerms)

    def __call__(self, batch_id: int, *, worker: str) -> Ended:
        """Run the upload of ``batch_id`` to its end; ``worker`` is the name that people see."""
        upload = self.start(batch_id, worker=worker)
        while not upload.ended:
            upload.step()
        return upload.ended

    def start(self, batch_id: int, *, worker: str) -> Upload:
        """Return the upload before its first step, for who wants to take the steps one by one."""
        return Upload(self, batch_id, worker)


class Upload:
    """One run of ``UploadBatch``, a step at a time. A step makes its calls to one port at most.

    ``label`` names the step that comes next, so that a test can stop dead before or after any of
    them; dropping the object is what a crash is.
    """

    def __init__(self, ports: UploadBatch, batch_id: int, worker: str) -> None:
        """Set up a run; nothing is called yet."""
        self._ports = ports
        self._batch_id = batch_id
        self._worker = worker
        self._lease = ports.terms.lease_seconds
        self._next: Callable[[], None] = self._claim
        self.label = "claim"
        self.ended: Ended | None = None

    def step(self) -> None:
        """Take the next step."""
        try:
            self._next()
        except StaleWorker as error:
            self.ended = Ended(self._batch_id, "stale", error.code)
        if self.ended:
            self._next = _nothing  # the step before refers to us, and to every contact of the batch

    def _claim(self) -> None:
        terms = self._ports.terms
        claim = self._ports.record.claim(
            self._batch_id, worker=self._worker, lease_seconds=self._lease
        )
        if isinstance(claim, NotClaimed):
            self.ended = Ended(self._batch_id, "not_claimed", claim.code)
            return
        machine = UploadMachine(
            claim.chunks,
            campaign=claim.campaign_id is not None,
            something_accepted=claim.something_accepted,
            something_attached=claim.something_attached,
            retry=terms.retry,
            in_flight=terms.in_flight,
        )
        sink = self._ports.sinks.sink(claim.workspace_id)
        run = _Run(claim, machine, sink, self._ports.airfield.flights())
        run.heed(cancel=claim.cancel_requested)
        self._ask(run)

    def _ask(self, run: _Run) -> None:
        if run.flights.stopping():
            run.machine.stop()
        action = run.machine.next()
        self._then(_LABELS[type(action)], lambda: self._do(run, action))

    def _do(self, run: _Run, action: Action) -> None:
        match action:
            case Push():
                self._mark_sent(run, action)
            case Attach():
                self._launch(run, action)
            case Settle():
                record = self._ports.record
                run.heed(cancel=record.settle(run.claim, action, lease_seconds=self._lease))
                self._ask(run)
            case Listen():
                self._listen(run)
            case Pause():
                self._pause(run, action.seconds)
            case End():
                self._finish(run, action)

    def _mark_sent(self, run: _Run, action: Push) -> None:
        record = self._ports.record
        run.heed(cancel=record.mark_sent(run.claim, action.chunk, lease_seconds=self._lease))
        self._then("push", lambda: self._launch(run, action))

    def _launch(self, run: _Run, action: Push | Attach) -> None:
        leads = self._ports.leads.leads(run.claim.workspace_id, action.contacts)
        if len(leads) < len(action.contacts):
            there = {lead.contact_id for lead in leads}
            out = [contact for contact in action.contacts if contact not in there]
            run.machine.withheld(action.request, out)
        if leads:
            run.flights.launch(action.request, _call(run, action, leads))
        self._ask(run)

    def _listen(self, run: _Run) -> None:
        landed = run.flights.landed(self._ports.terms.beat_seconds)
        for request, answer in landed:
            run.machine.answered(request, answer, draw=run.flights.draw())
        if not landed:
            self._renew(run)
        self._ask(run)

    def _pause(self, run: _Run, seconds: float) -> None:
        """Rest in beats, so that the lease never runs out while the destination makes us wait."""
        self._renew(run)
        beat = min(seconds, self._ports.terms.beat_seconds)
        run.flights.rest(beat)
        left = seconds - beat
        if left > 0 and not run.flights.stopping():
            self._then("pause", lambda: self._pause(run, left))
        else:
            self._ask(run)

    def _finish(self, run: _Run, end: End) -> None:
        self._ports.record.finish(run.claim, end)
        requests = run.machine.requests
        self.ended = Ended(self._batch_id, end.event, end.code, end.detail, requests)

    def _renew(self, run: _Run) -> None:
        run.heed(cancel=self._ports.record.renew(run.claim, lease_seconds=self._lease))

    def _then(self, label: str, step: Callable[[], None]) -> None:
        self.label, self._next = label, step


def _nothing() -> None:
    """Do nothing: the upload is over."""


@dataclass(frozen=True, slots=True)
class _Run:
    claim: Claim
    machine: UploadMachine
    sink: LeadSink
    flights: Flights

    def heed(self, *, cancel: bool) -> None:
        if cancel:
            self.machine.cancel()


def _call(run: _Run, action: Push | Attach, leads: Sequence[Lead]) -> Callable[[], Answer]:
    if isinstance(action, Push):
        return lambda: run.sink.push(leads)
    campaign_id = run.claim.campaign_id
    if campaign_id is None:
        raise AssertionError("the machine attaches only where there is a campaign")
    of_contact = dict(zip(action.contacts, action.lead_ids, strict=True))
    lead_ids = [of_contact[lead.contact_id] for lead in leads]
    return lambda: run.sink.attach(campaign_id, leads, lead_ids)


_LABELS = {
    Push: "mark_sent",
    Attach: "attach",
    Settle: "settle",
    Listen: "listen",
    Pause: "pause",
    End: "finish",
}
