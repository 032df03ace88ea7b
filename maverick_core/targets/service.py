"""Set a month's target, and show how the month stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from maverick_core.kernel.time import Clock, Month
from maverick_core.targets.forecast import Forecast, forecast
from maverick_core.targets.ports import Targets
from maverick_core.targets.rules import TargetAccount, TargetChange, check_target, target_version
from maverick_core.workspaces.ports import Workspaces


@dataclass(frozen=True, slots=True)
class SetTarget:
    """Use case: set how many contacts a workspace is to upload in a month."""

    workspaces: Workspaces
    targets: Targets
    clock: Clock

    def __call__(
        self,
        slug: str,
        month: Month,
        contacts: int,
        *,
        by: str = "",
        reason: str = "",
        version: int | None = None,
    ) -> TargetAccount:
        """Set the target and return the account. Lowering it takes nothing back that is planned.

        Raises:
            Missing: no such workspace.
            Rejected: ``contacts`` cannot be a target.
            Conflict: the target is not at ``version`` any more.

        """
        workspace = self.workspaces.workspace(slug)
        self.targets.set_target(
            workspace.id,
            month,
            check_target(contacts),
            at=self.clock.now(),
            by=by,
            reason=reason,
            version=version,
        )
        return self.targets.account(workspace.id, month)


@dataclass(frozen=True, slots=True)
class TargetReport:
    """How a workspace's month stands; ``supply`` are verified contacts that wait for a batch.

    ``history`` are the changes of the target, oldest first, and ``version`` moves with each.
    """

    slug: str
    month: Month
    account: TargetAccount
    supply: int
    forecast: Forecast
    history: Sequence[TargetChange]

    @property
    def version(self) -> int:
        """A number that moves with every change of the target."""
        return target_version(self.history)


@dataclass(frozen=True, slots=True)
class ShowTarget:
    """Use case: the account of a month with its forecast."""

    workspaces: Workspaces
    targets: Targets
    clock: Clock

    def __call__(self, slug: str, month: Month | None = None) -> TargetReport:
        """Report on ``month``, by default the present one where the workspace is.

        Raises:
            Missing: no such workspace.

        """
        workspace = self.workspaces.workspace(slug)
        now = self.clock.now()
        month = month or Month.of(now, workspace.zone)
        days: Counter[date] = Counter()
        for at, contacts in self.targets.uploads(workspace.id, month):
            days[at.astimezone(workspace.zone).date()] += contacts
        account = self.targets.account(workspace.id, month)
        supply = self.targets.supply(workspace.id)
        today = now.astimezone(workspace.zone).date()
        outlook = forecast(account, days, month=month, today=today, supply=supply)
        history = self.targets.target_history(workspace.id, month)
        return TargetReport(slug, month, account, supply, outlook, history)
