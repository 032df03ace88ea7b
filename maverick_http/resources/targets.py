"""How many contacts Email Bison is to have, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.access.rules import Action, Caller, Scope
from maverick_core.kernel.time import Month
from maverick_core.targets.ports import TargetMonths, Targets
from maverick_core.targets.rules import TargetChange, target_version
from maverick_core.targets.service import SetTarget, ShowTarget, TargetReport
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, decided_by, route
from maverick_http.schemas.base import NoQuery, Page, PageQuery
from maverick_http.schemas.targets import (
    AccountAnswer,
    ChangeAnswer,
    MonthAnswer,
    TargetAnswer,
    TargetBody,
)
from maverick_http.versions import check_version

_CURSOR: Final = Cursor("targets", str)


@dataclass(frozen=True, slots=True)
class TargetsResource:
    """Targets: list, show with account, forecast and history, set."""

    workspaces: Workspaces
    months: TargetMonths
    targets: Targets
    set_target: SetTarget
    show_target: ShowTarget

    @route(
        "GET",
        "/workspaces/{slug}/targets",
        scope=Scope.TARGETS_READ,
        takes=PageQuery,
        answers=Page[MonthAnswer],
    )
    def list(self, call: Call[PageQuery], slug: str) -> Reply:
        """List the months that have a target, the last first, with what was done of each."""
        workspace = self.workspaces.workspace(slug)
        before = _CURSOR.read(call.given.cursor)
        found = self.months.target_months(
            workspace.id,
            before=Month.parse(before) if before else None,
            limit=call.given.limit + 1,
        )

        def shown(month: Month) -> MonthAnswer:
            account = self.targets.account(workspace.id, month)
            return MonthAnswer(month=str(month), account=AccountAnswer.model_validate(account))

        return Reply(
            page(
                found,
                call.given.limit,
                show=shown,
                cursor=lambda month: _CURSOR.write(str(month)),
            )
        )

    @route(
        "GET",
        "/workspaces/{slug}/targets/{month}",
        scope=Scope.TARGETS_READ,
        answers=TargetAnswer,
    )
    def show(self, call: Call[NoQuery], slug: str, month: str) -> Reply:
        """Show how a month stands. Its ETag is of the target alone, which uploads do not change."""
        return _reply(self.show_target(slug, Month.parse(month)), call.caller)

    @route(
        "PUT",
        "/workspaces/{slug}/targets/{month}",
        scope=Scope.TARGETS_WRITE,
        takes=TargetBody,
        answers=TargetAnswer,
        conditional=True,
        audited=Action.TARGET_SET,
        subject="{slug}/{month}",
    )
    def change(self, call: Call[TargetBody], slug: str, month: str) -> Reply:
        """Set a month's target. Lowering it takes back nothing that is planned already."""
        which = Month.parse(month)
        workspace = self.workspaces.workspace(slug)
        version = target_version(self.targets.target_history(workspace.id, which))
        check_version(call.if_match, _version(slug, which, version))
        self.set_target(
            slug,
            which,
            call.given.contacts,
            by=call.actor,
            reason=call.given.reason,
            version=call.seen(version),
        )
        return _reply(self.show_target(slug, which), call.caller)


def _reply(report: TargetReport, caller: Caller) -> Reply:
    shown = TargetAnswer(
        workspace=report.slug,
        month=str(report.month),
        account=AccountAnswer.model_validate(report.account),
        supply=report.supply,
        forecast=report.forecast,
        history=[_change(change, caller) for change in report.history],
    )
    return Reply(shown, version=_version(report.slug, report.month, report.version))


def _change(change: TargetChange, caller: Caller) -> ChangeAnswer:
    answer = ChangeAnswer.model_validate(change)
    return answer.model_copy(update={"by": decided_by(answer.by, caller)})


def _version(slug: str, month: Month, version: int) -> object:
    return [slug, str(month), version]
