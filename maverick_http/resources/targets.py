"""How many contacts Email Bison is to have, month by month."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.time import Month
from maverick_core.targets.ports import Targets
from maverick_core.targets.service import SetTarget, ShowTarget, TargetReport
from maverick_core.workspaces.ports import Workspaces
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.targets import AccountAnswer, TargetAnswer, TargetBody
from maverick_http.versions import check_version


@dataclass(frozen=True, slots=True)
class TargetsResource:
    """Targets: show with account and forecast, set."""

    workspaces: Workspaces
    targets: Targets
    set_target: SetTarget
    show_target: ShowTarget

    @route(
        "GET",
        "/workspaces/{slug}/targets/{month}",
        scope=Scope.TARGETS_READ,
        answers=TargetAnswer,
    )
    def show(self, call: Call[NoQuery], slug: str, month: str) -> Reply:  # noqa: ARG002
        """Show how a month stands. Its ETag is of the target alone, which uploads do not change."""
        return _reply(self.show_target(slug, Month.parse(month)))

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
        now = self.targets.account(workspace.id, which)
        check_version(call.if_match, _version(slug, which, now.target))
        self.set_target(slug, which, call.given.contacts)
        return _reply(self.show_target(slug, which))


def _reply(report: TargetReport) -> Reply:
    shown = TargetAnswer(
        workspace=report.slug,
        month=str(report.month),
        account=AccountAnswer.model_validate(report.account),
        supply=report.supply,
        forecast=report.forecast,
    )
    return Reply(shown, version=_version(report.slug, report.month, report.account.target))


def _version(slug: str, month: Month, target: int | None) -> object:
    return [slug, str(month), target]
