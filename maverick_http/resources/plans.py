"""Plans of batches: what one would come to, and the wish that it be made."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batching.request import RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.batches import PlanAnswer, PlanBody
from maverick_http.schemas.operations import OperationAnswer


@dataclass(frozen=True, slots=True)
class PlansResource:
    """Plans: preview, create."""

    plan_batches: PlanBatches
    request_plan: RequestPlan

    @route(
        "POST",
        "/workspaces/{slug}/batches:preview",
        scope=Scope.BATCHES_WRITE,
        takes=PlanBody,
        answers=PlanAnswer,
    )
    def preview(self, call: Call[PlanBody], slug: str) -> Reply:
        """Say what a plan would come to now. Nothing is put on record."""
        given = call.given
        plan = self.plan_batches(slug, _month(given), batch_size=given.batch_size, dry_run=True)
        return Reply(
            PlanAnswer(
                workspace=slug,
                month=str(plan.month),
                target=plan.account.target,
                room=plan.account.room,
                supply=plan.supply,
                batches=plan.batches,
                contacts=plan.contacts,
                why_no_more=plan.why_no_more,
            )
        )

    @route(
        "POST",
        "/workspaces/{slug}/batches",
        scope=Scope.BATCHES_WRITE,
        takes=PlanBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.BATCHES_CREATE,
    )
    def create(self, call: Call[PlanBody], slug: str) -> Reply:
        """Plan verified contacts into batches, as many as the month's target has room for.

        A worker does it; the operation says how far it is and what came of it. The batches are
        uploaded without another word.
        """
        given = call.given
        asked = self.request_plan(slug, _month(given), batch_size=given.batch_size, by=call.actor)
        return accepted(asked, call.caller)


def _month(given: PlanBody) -> Month | None:
    return Month.parse(given.month) if given.month else None
