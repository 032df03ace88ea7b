"""Plan a month's batches: as many verified contacts as the target still has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Clock, Month
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.batching.ports import BatchPlans, Reservation
from maverick_core.pipeline.batching.rules import plan_batches, plannable_month
from maverick_core.targets.ports import Targets
from maverick_core.targets.rules import TargetAccount
from maverick_core.workspaces.ports import Workspaces

_PAGE: Final = 20_000  # contact ids held at a time, whatever the size of the plan


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned, or would be. ``account`` is the month's as it stood before.

    ``batches`` is how many, with ``contacts`` in all; ``first_id`` is None in a dry run and where
    nothing was planned. ``supply`` are the eligible contacts there were. ``why_no_more`` says in
    words what ended the plan.
    """

    slug: str
    month: Month
    account: TargetAccount
    batches: int
    contacts: int
    first_id: int | None
    supply: int
    why_no_more: str


@dataclass(frozen=True, slots=True)
class PlanBatches:
    """Use case: turn a workspace's eligible contacts into ready batches for a month."""

    workspaces: Workspaces
    targets: Targets
    plans: BatchPlans
    clock: Clock

    def __call__(
        self,
        slug: str,
        month: Month | None = None,
        *,
        batch_size: int | None = None,
        dry_run: bool = False,
        operation: OperationClaim | None = None,
    ) -> Plan:
        """Plan ``month``, by default the present one where the workspace is, in one transaction.

        The month is stamped on the batches here, once; uploads count for it whenever they happen.
        With ``dry_run`` nothing is put on record. An ``operation`` ends in the same transaction, so
        that a worker which dies after it has planned does not plan again.

        Raises:
            Missing: no such workspace, or no target for the month.
            Rejected: the month is over, or the batch size cannot be.
            StaleOperation: another worker has the operation.

        """
        workspace = self.workspaces.workspace(slug)
        now = self.clock.now()
        month = month or Month.of(now, workspace.zone)
        plannable_month(month, now=now, zone=workspace.zone)
        size = workspace.batch_size if batch_size is None else batch_size
        supply = self.targets.supply(workspace.id)
        count = contacts = 0
        first_id = None
        with self.plans.reserve(workspace.id, month, operation=operation) as reservation:
            account = reservation.account
            batches = plan_batches(_eligible(reservation), room=account.room, batch_size=size)
            while group := list(islice(batches, max(1, _PAGE // size))):
                count += len(group)
                contacts += sum(map(len, group))
                if not dry_run:
                    ids = reservation.add_batches(group, campaign_id=workspace.campaign_id)
                    first_id = ids.start if first_id is None else first_id
            why = _why_no_more(account, contacts)
            plan = Plan(slug, month, account, count, contacts, first_id, supply, why)
            if operation is not None:
                reservation.succeed_operation(operation, outcome(plan), done=contacts)
        return plan


def outcome(plan: Plan) -> dict[str, Any]:
    """Return what a plan came to, as an operation keeps it."""
    names = []
    if plan.first_id is not None:
        names = [batch_name(plan.first_id), batch_name(plan.first_id + plan.batches - 1)]
    return {
        "workspace": plan.slug,
        "month": str(plan.month),
        "batches": plan.batches,
        "contacts": plan.contacts,
        "first_and_last": names,
        "free": plan.supply,
        "room": plan.account.room,
        "why_no_more": plan.why_no_more,
    }


def _eligible(reservation: Reservation) -> Iterator[int]:
    last = 0
    while page := reservation.eligible(after=last, limit=_PAGE):
        yield from page
        last = page[-1]


def _why_no_more(account: TargetAccount, contacts: int) -> str:
    if account.target == 0:
        return "The target is 0: nothing is to be uploaded."
    if contacts == account.room:
        return "The target is planned in full." if contacts else "The target has no more room."
    if not contacts:
        return "No verified contact is free."
    return f"No more verified contacts; {account.room - contacts:,} are missing for the target."
