"""What an upload needs from outside: the record, the leads, the destination, the air between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.waiting import Breath
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.actions import ChunkLeft, End, Settle
from maverick_core.pipeline.upload.answers import Answer, AttachAnswer, PushAnswer


class StaleWorker(Conflict):
    """The batch was claimed by somebody else, or ended, since this claim. Stop, quietly."""

    def __init__(self, batch_id: int) -> None:
        """Name the batch whose claim is no longer valid."""
        super().__init__(f"The claim of batch {batch_id} is no longer valid.", code="stale_worker")


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch taken for a lease; every later write proves itself with ``fence``."""

    batch_id: int
    workspace_id: int
    fence: int
    campaign_id: int | None
    something_accepted: bool
    something_attached: bool
    cancel_requested: bool
    token_set_at: datetime | None
    """When the workspace's token was stored: tells it from one that replaces it later."""
    chunks: tuple[ChunkLeft, ...]


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """Why a batch was not handed out.

    ``code`` is the first of these that applies: ``missing``, ``over`` (ended or failed), ``busy``
    (a live lease), ``held`` (the workspace's token is missing or refused) or ``too_many_claims``
    (this call failed it).
    """

    code: str


class UploadRecord(Protocol):
    """The durable record of uploads. Each call is one transaction: all of it or nothing.

    All but ``claim`` are guarded by batch, fence and the state ``uploading`` in the same
    transaction, renew the lease by ``lease_seconds`` (database clock), return whether a person
    has asked to cancel the batch, and raise ``StaleWorker`` having changed nothing otherwise.

    What a sound driver never asks for is a defect: an ``AssertionError``, and nothing is changed.
    That is to send a chunk that is settled, to record a second outcome of a contact, to settle a
    chunk short, to finish with anything left to do, or to cancel with anybody in doubt.
    """

    def claim(self, batch_id: int, *, worker: str, lease_seconds: float) -> Claim | NotClaimed:
        """Take the batch if it is ready, or uploading with an expired lease, and not held.

        Raises fence and claims by one. The claim after the ``MAX_CLAIMS``-th fails the batch
        with ``too_many_claims`` instead.
        """
        ...

    def mark_sent(self, claim: Claim, chunk: int, *, lease_seconds: float) -> bool:
        """Put the intent on record, before the request: the chunk counts as sent from here on."""
        ...

    def settle(self, claim: Claim, settlement: Settle, *, lease_seconds: float) -> bool:
        """Append outcomes, add them to the batch's sums, and close the chunk if it says so."""
        ...

    def renew(self, claim: Claim, *, lease_seconds: float) -> bool:
        """Only renew the lease: a request or a pause takes long."""
        ...

    def finish(self, claim: Claim, end: End) -> None:
        """End the claim as ``end.event`` says, and turn ``end.not_sent`` chunks back to planned.

        ``CANCEL`` releases the members without an outcome. ``HAND_BACK`` takes the claim off the
        count again, because nothing went wrong. ``holds_workspace`` puts the
        workspace on hold and fails this batch. If it is on hold already, or its token was replaced
        since the claim, nothing is held and a ``FAIL`` turns into a ``HAND_BACK``: one refused
        token fails one batch and not all of them, and a good one does not pay for the one before.
        Only a failed batch has a failure on record; whatever takes it out of that state clears
        it.
        """
        ...


class LeadsToSend(Protocol):
    """Reads contacts in the shape they are sent in."""

    def leads(self, workspace_id: int, contact_ids: Sequence[int]) -> Sequence[Lead]:
        """Return one lead for each id, in the order of the ids, but none for who is suppressed.

        Whoever builds a request of what is returned now writes to nobody who was suppressed before.

        Raises:
            Missing: an id is not a contact of the workspace.

        """
        ...


class LeadSink(Protocol):
    """The destination, as one workspace sees it. Never raises for what the destination says."""

    def push(self, leads: Sequence[Lead]) -> PushAnswer:
        """Create or update the leads; sending the same ones again changes nothing. At most 500."""
        ...

    def attach(
        self, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Put leads that were pushed into the campaign; those that are in it already stay."""
        ...


class LeadSinks(Protocol):
    """Hands out the sink of each workspace."""

    def sink(self, workspace_id: int) -> LeadSink:
        """Return the sink; asks nobody yet. A missing token shows as an answer of the sink."""
        ...


class Flights(Breath, Protocol):
    """Requests under way: launched here, landing in any order. One instance for one upload."""

    def launch(self, request: int, call: Callable[[], Answer]) -> None:
        """Start ``call``; returns at once, or when there is room in the air."""
        ...

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Return what has landed, waiting for at least one; empty when the time is over."""
        ...


class Airfield(Protocol):
    """Gives each upload its own flights."""

    def flights(self) -> Flights:
        """Return fresh flights with nothing under way."""
        ...
