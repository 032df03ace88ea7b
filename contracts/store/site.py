"""A store to be tested, with its clock, and the few verbs that set a scene in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, Protocol, TypeVar

from maverick_adapters.memory import ManualClock
from maverick_core.access.ports import AuditLog, Keys, Replays
from maverick_core.jobs.ports import JobLog, Outbox
from maverick_core.kernel.errors import MaverickError
from maverick_core.kernel.time import Month
from maverick_core.notifications.ports import (
    NotificationDesk,
    NotificationRecord,
    WaitingNotifications,
)
from maverick_core.operations.ports import OperationRecord, Operations, WaitingOperations
from maverick_core.pipeline.audit.ports import PipelineBooks
from maverick_core.pipeline.backlog import Backlogs
from maverick_core.pipeline.batch import CHUNK_SIZE, BatchEvent, BatchState
from maverick_core.pipeline.batching.ports import BatchPlans
from maverick_core.pipeline.csv_import.ports import NewContact, NewContacts
from maverick_core.pipeline.filtering.ports import (
    DisposableJournal,
    DisposableRecord,
    FilterCounts,
    FilterHistory,
    RawPages,
    RuleSets,
)
from maverick_core.pipeline.invariants import Books, RawBooks
from maverick_core.pipeline.master_fill.ports import MasterList, MasterViews, Overlaps, Refills
from maverick_core.pipeline.onward.ports import StageTables
from maverick_core.pipeline.pages import BatchPages
from maverick_core.pipeline.raw import RawContacts
from maverick_core.pipeline.raw_import.ports import (
    ImportFiles,
    ImportRecord,
    ImportRejects,
    Imports,
    WaitingImports,
)
from maverick_core.pipeline.scraping.ports import ScrapeRuns, Sources, Turns
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.desk import BatchDesk, Decision
from maverick_core.pipeline.upload.ports import Claim, LeadsToSend, UploadRecord
from maverick_core.pipeline.upload.sweep import Announcements
from maverick_core.pipeline.verification.ports import Candidates, Questions, VerificationViews
from maverick_core.pipeline.views import BatchViews, ContactPages, RawTraces
from maverick_core.suppression.ports import SuppressionList
from maverick_core.targets.ports import TargetMonths, Targets
from maverick_core.targets.rules import TargetAccount
from maverick_core.workspaces.ports import TokenIdentity, TokenKeys, Tokens, Workspaces
from maverick_core.workspaces.rules import Workspace, new_workspace

LEASE: Final = 60.0  # seconds
NOVEMBER: Final = Month(2026, 11)
IDENTITY: Final = TokenIdentity(7, "Acme Insurance")

Result = TypeVar("Result")


class Record(
    Workspaces,
    Tokens,
    TokenKeys,
    NewContacts,
    LeadsToSend,
    Targets,
    TargetMonths,
    BatchPlans,
    UploadRecord,
    BatchDesk,
    BatchViews,
    BatchPages,
    Operations,
    OperationRecord,
    WaitingOperations,
    ContactPages,
    Outbox,
    Announcements,
    JobLog,
    Backlogs,
    NotificationRecord,
    NotificationDesk,
    WaitingNotifications,
    Keys,
    AuditLog,
    Replays,
    Books,
    PipelineBooks,
    RawTraces,
    Sources,
    ScrapeRuns,
    Turns,
    Imports,
    ImportFiles,
    ImportRecord,
    ImportRejects,
    WaitingImports,
    RawContacts,
    RawPages,
    FilterHistory,
    FilterCounts,
    RuleSets,
    DisposableRecord,
    DisposableJournal,
    RawBooks,
    Candidates,
    Questions,
    VerificationViews,
    SuppressionList,
    MasterList,
    MasterViews,
    Refills,
    Overlaps,
    StageTables,
    Protocol,
):
    """Every port of the record; one store satisfies them all."""


class Site:
    """One empty store. The verbs only call ports, so that they mean the same on each adapter."""

    def __init__(
        self,
        record: Record,
        clock: ManualClock,
        leases_run_out: Callable[[], None],
        with_keys: Callable[..., Record],
    ) -> None:
        """Take the store, its clock, and what makes every lease of now an expired one.

        ``with_keys`` gives the same record to somebody who has other secret keys, by their ids.
        """
        self.record = record
        self._with_keys = with_keys
        self.clock = clock
        self.leases_run_out = leases_run_out

    def workspace(
        self,
        slug: str = "acme",
        *,
        campaign_id: int | None = None,
        token: str | None = "12|AbCdEfGh",  # noqa: S107 - made up
        target: int | None = 10_000,
    ) -> Workspace:
        """Add a workspace that may upload, with room in its November."""
        new = new_workspace(slug, "America/New_York", batch_size=2, campaign_id=campaign_id)
        workspace = self.record.add_workspace(new)
        if token:
            self.record.store_token(workspace.id, token, IDENTITY, at=self.clock.now())
        if target is not None:
            self.record.set_target(workspace.id, NOVEMBER, target, at=self.clock.now())
        return self.record.workspace(slug)

    def contacts(self, workspace: Workspace, *names: str) -> list[int]:
        """Import contacts called ``names`` and return their ids in that order."""
        now = self.clock.now()
        import_id = self.record.begin_import(workspace.id, "list.csv", at=now)
        self.record.add_contacts(
            import_id, [contact(name) for name in names], rows_read=len(names), at=now
        )
        self.record.finish_import(import_id, at=now)
        ids = self.ids(workspace)
        return [ids[contact(name).email] for name in names]

    def ids(self, workspace: Workspace) -> Mapping[str, int]:
        """Return the workspace's contacts by e-mail."""
        rows = self.record.snapshot().contacts
        return {row.email: row.id for row in rows if row.workspace_id == workspace.id}

    def plan(self, workspace: Workspace, *batches: Sequence[int], month: Month = NOVEMBER) -> range:
        """Put batches with these members on record, for the workspace's campaign."""
        with self.record.reserve(workspace.id, month) as reservation:
            return reservation.add_batches(batches, campaign_id=workspace.campaign_id)

    def batch(self, *names: str, campaign_id: int | None = None) -> tuple[int, list[int]]:
        """Return a ready batch of a workspace of its own, and the ids of its members."""
        slug = f"client-{len(self.record.workspaces()) + 1}"
        workspace = self.workspace(slug, campaign_id=campaign_id)
        members = self.contacts(workspace, *names)
        return self.plan(workspace, members)[0], members

    def claim(self, batch_id: int, worker: str = "worker-1") -> Claim:
        """Claim a batch that is there to be claimed."""
        claim = self.record.claim(batch_id, worker=worker, lease_seconds=LEASE)
        assert isinstance(claim, Claim), claim
        return claim

    def refusal(self, batch_id: int) -> str:
        """Return the code that a claim is refused with."""
        answer = self.record.claim(batch_id, worker="worker-2", lease_seconds=LEASE)
        assert not isinstance(answer, Claim), answer
        return answer.code

    def send(self, claim: Claim, chunk: int = 0) -> bool:
        """Put on record that the chunk is being sent."""
        return self.record.mark_sent(claim, chunk, lease_seconds=LEASE)

    def settle(self, claim: Claim, settlement: Settle) -> bool:
        """Put outcomes on record."""
        return self.record.settle(claim, settlement, lease_seconds=LEASE)

    def accept(self, claim: Claim, contacts: Sequence[int], *, attached: bool = False) -> None:
        """Send chunk 0 and have all of it accepted; leads are numbered from 1,000."""
        pairs = [(contact_id, 1_000 + contact_id) for contact_id in contacts]
        self.send(claim)
        self.settle(claim, Settle(0, accepted=pairs, settled=True, attached=attached))

    def end(self, claim: Claim, event: BatchEvent, code: str = "") -> None:
        """End the claim."""
        self.record.finish(claim, End(event, code))

    def decision(self, reason: str = "") -> Decision:
        """Return a decision of this moment."""
        return Decision("pat", self.clock.now(), reason)

    def state(self, batch_id: int) -> BatchState:
        """Return the state that people see."""
        return self.record.batch(batch_id).state

    def account(self, batch_id: int) -> TargetAccount:
        """Return the account of the batch's workspace in November."""
        return self.record.account(self.workspace_id(batch_id), NOVEMBER)

    def use_keys(self, *key_ids: str) -> None:
        """Have these secret keys from now on: the first one encrypts, all of them decrypt."""
        self.record = self._with_keys(*key_ids)

    def token_set_at(self, workspace_id: int) -> datetime | None:
        """Return when the workspace's token was stored."""
        status = self.record.token_status(workspace_id)
        return status.set_at if status else None

    def refuse_token(self, workspace_id: int) -> None:
        """Let the workspace's token be found refused now."""
        now = self.clock.now()
        set_at = self.token_set_at(workspace_id) or now
        self.record.refuse_token(workspace_id, set_at=set_at, at=now)

    def workspace_id(self, batch_id: int) -> int:
        """Return whose batch it is."""
        return self.record.snapshot().batch[batch_id].workspace_id


class SiteFactory(Protocol):
    """Gives an empty store; the one it gave before is gone with that."""

    def __call__(self, chunk_size: int = CHUNK_SIZE) -> Site:
        """Return it; ``chunk_size`` is the leads of one request."""
        ...


def contact(name: str) -> NewContact:
    """Return a made-up contact."""
    return NewContact(
        email=f"{name}@agency.example",
        first_name=name.title(),
        last_name=None,
        title=None,
        company="Agency",
        notes=None,
        variables=None,
    )


def at_once(*calls: Callable[[], Result]) -> list[Result | MaverickError | AssertionError]:
    """Make the calls in threads that start together; an error of ours is a result too."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | MaverickError | AssertionError:
        barrier.wait()
        try:
            return call()
        except (MaverickError, AssertionError) as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
