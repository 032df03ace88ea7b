"""A destination in memory: simple, correct, and ready to misbehave as it is told."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from maverick_core.kernel import errors
from maverick_core.pipeline.invariants import Enrolled, Held
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    Accepted,
    AttachAnswer,
    Attached,
    Lost,
    PushAnswer,
    Refused,
    Unauthorised,
)
from maverick_core.workspaces.ports import TokenIdentity


@dataclass(frozen=True, slots=True)
class TakenBut:
    """Take the leads as usual, and answer this all the same: an answer lost on the way back."""

    answer: PushAnswer = field(default_factory=lambda: Lost("The answer never came."))


@dataclass(frozen=True, slots=True)
class Pushed:
    """A request on the destination's own record, by contact id."""

    workspace_id: int
    contacts: tuple[int, ...]
    answer: PushAnswer


PushScript = Callable[[int, Sequence[Lead]], PushAnswer | TakenBut | None]
AttachScript = Callable[[int, int, Sequence[Lead]], AttachAnswer | None]


def as_usual(*_: object) -> None:
    """Script nothing: the destination does what it does by itself."""


@dataclass
class MemoryBison:
    """Holds leads by workspace and e-mail, and campaigns by id; satisfies the ports of the sink.

    What comes first decides: an answer queued with ``answer_next``, then ``on_push`` (workspace id,
    leads) or ``on_attach`` (workspace id, campaign id, leads) unless it gives None, then the rest.
    E-mails in ``refused`` (to reason) make their request refused as a whole, with the rows named
    when ``names_rows``; those in ``skipped`` are left out without a word. ``not_attachable`` and
    ``left_out`` are the same for campaigns.
    """

    on_push: PushScript = as_usual
    on_attach: AttachScript = as_usual
    skipped: set[str] = field(default_factory=set, repr=False)
    refused: dict[str, str] = field(default_factory=dict, repr=False)
    names_rows: bool = True
    left_out: set[str] = field(default_factory=set, repr=False)
    not_attachable: dict[str, str] = field(default_factory=dict, repr=False)
    locked_out: set[int] = field(default_factory=set)
    """Workspaces whose token is refused in every request."""
    tokens: dict[str, TokenIdentity] = field(default_factory=dict, repr=False)
    """The tokens that ``identify`` knows."""
    pushes: list[Pushed] = field(default_factory=list, repr=False)
    """Every push so far, in order."""

    def __post_init__(self) -> None:
        """Hold nothing yet."""
        self._lock = threading.RLock()
        self._queued: deque[PushAnswer | TakenBut] = deque()
        self._lead_ids: dict[tuple[int, str], int] = {}
        self._emails_by_lead: dict[tuple[int, int], str] = {}
        self._campaigns: dict[int, set[str]] = {}

    def sink(self, workspace_id: int) -> MemorySink:
        """Return the destination as one workspace sees it."""
        return MemorySink(self, workspace_id)

    def identify(self, token: str) -> TokenIdentity:
        """Say whose token it is."""
        try:
            return self.tokens[token]
        except KeyError:
            raise errors.Unauthorised(
                "Email Bison refuses the token.", code="token_refused"
            ) from None

    def answer_next(self, *answers: PushAnswer | TakenBut) -> None:
        """Queue answers, one for each of the next pushes of any workspace."""
        self._queued.extend(answers)

    def take(self, workspace_id: int, leads: Iterable[Lead]) -> list[int | None]:
        """Create or update the leads and return their ids: also how a late request arrives."""
        with self._lock:
            return [self._lead_id(workspace_id, lead.email) for lead in leads]

    def held(self) -> Held:
        """Return the e-mails that each workspace holds."""
        with self._lock:
            workspaces = {workspace_id for workspace_id, _ in self._lead_ids}
            return {workspace_id: self._emails(workspace_id) for workspace_id in workspaces}

    def enrolled(self) -> Enrolled:
        """Return the e-mails that each campaign has."""
        with self._lock:
            return {campaign: frozenset(emails) for campaign, emails in self._campaigns.items()}

    def push(self, workspace_id: int, leads: Sequence[Lead]) -> PushAnswer:
        """Answer one push of a workspace and keep it on record."""
        with self._lock:
            answer = self._answer_push(workspace_id, leads)
            contacts = tuple(lead.contact_id for lead in leads)
            self.pushes.append(Pushed(workspace_id, contacts, answer))
            return answer

    def attach(
        self, workspace_id: int, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Answer one attach of a workspace; the leads' ids say who goes into the campaign."""
        with self._lock:
            if scripted := self.on_attach(workspace_id, campaign_id, leads):
                return scripted
            if workspace_id in self.locked_out:
                return _token_refused()
            if rows := _rows(leads, self.not_attachable):
                return Refused("Some leads cannot be in the campaign.", rows)
            emails = [self._emails_by_lead.get((workspace_id, lead_id)) for lead_id in lead_ids]
            going = {email for email in emails if email and email not in self.left_out}
            self._campaigns.setdefault(campaign_id, set()).update(going)
            return Attached([index for index, email in enumerate(emails) if email not in going])

    def _answer_push(self, workspace_id: int, leads: Sequence[Lead]) -> PushAnswer:
        queued = self._queued.popleft() if self._queued else None
        scripted = queued or self.on_push(workspace_id, leads)
        if isinstance(scripted, TakenBut):
            self.take(workspace_id, leads)
            return scripted.answer
        return scripted or self._judge(workspace_id, leads)

    def _judge(self, workspace_id: int, leads: Sequence[Lead]) -> PushAnswer:
        if workspace_id in self.locked_out:
            return _token_refused()
        if rows := _rows(leads, self.refused):
            why = next(iter(rows.values()))
            return Refused(why, rows if self.names_rows else {})
        return Accepted(self.take(workspace_id, leads))

    def _lead_id(self, workspace_id: int, email: str) -> int | None:
        if email in self.skipped or email in self.refused:
            return None
        lead_id = self._lead_ids.setdefault((workspace_id, email), len(self._lead_ids) + 1)
        self._emails_by_lead[workspace_id, lead_id] = email
        return lead_id

    def _emails(self, workspace_id: int) -> frozenset[str]:
        return frozenset(email for owner, email in self._lead_ids if owner == workspace_id)


@dataclass(frozen=True, slots=True)
class MemorySink:
    """The destination as one workspace sees it."""

    bison: MemoryBison
    workspace_id: int

    def push(self, leads: Sequence[Lead]) -> PushAnswer:
        """Push to the workspace."""
        return self.bison.push(self.workspace_id, leads)

    def attach(
        self, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Attach to a campaign of the workspace."""
        return self.bison.attach(self.workspace_id, campaign_id, leads, lead_ids)


def _rows(leads: Sequence[Lead], reasons: dict[str, str]) -> dict[int, str]:
    return {index: reasons[lead.email] for index, lead in enumerate(leads) if lead.email in reasons}


def _token_refused() -> Unauthorised:
    return Unauthorised("token_refused", "Email Bison refuses the token.")
