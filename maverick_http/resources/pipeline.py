"""The stages of a workspace: what waits in front of each, and the wish that workers do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.ids import operation_name
from maverick_core.pipeline.onward.rules import StageAnswer
from maverick_core.pipeline.onward.service import AskStages
from maverick_core.pipeline.stages import Stage
from maverick_http.auth import check_scope
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.pipeline import AskedAnswer, PipelineAnswer, PipelineBody

_SCOPES: Final[Mapping[Stage, Scope]] = {
    Stage.SCRAPING: Scope.SOURCES_WRITE,
    Stage.IMPORT: Scope.IMPORTS_WRITE,
    Stage.FILTERING: Scope.FILTERING_WRITE,
    Stage.VERIFICATION: Scope.VERIFICATION_WRITE,
    Stage.BATCHING: Scope.BATCHES_WRITE,
    Stage.UPLOAD: Scope.BATCHES_WRITE,
}
"""What the route of a stage's own asks for: asking for it here takes no less."""


@dataclass(frozen=True, slots=True)
class PipelineResource:
    """The pipeline: show, ask."""

    ask_stages: AskStages

    @route(
        "GET",
        "/workspaces/{slug}/pipeline",
        scope=Scope.OPERATIONS_READ,
        answers=PipelineAnswer,
    )
    def show(self, call: Call[NoQuery], slug: str) -> Reply:
        """Say of each stage whether work waits, who does it, or what is in the way.

        `asked` is what asking would come to now; nothing is put on record. Contacts are not
        counted here, that takes long: `maverick pipeline audit` counts them, every one.
        """
        return Reply(_shown(slug, self.ask_stages(slug, by=call.actor, dry_run=True)))

    @route(
        "POST",
        "/workspaces/{slug}/pipeline",
        scope=Scope.BATCHES_WRITE,
        takes=PipelineBody,
        answers=PipelineAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.PIPELINE_ASK,
    )
    def ask(self, call: Call[PipelineBody], slug: str) -> Reply:
        """Ask workers for every stage that has work, or for `stages`.

        Each is an operation that says how far it is. What was asked for already is not asked for
        again. What would better be left for later is asked for with `at_once` only.

        The key has to allow each stage that is asked for too: `sources:write` for scraping,
        `imports:write` for imports, `filtering:write` and `verification:write`.
        """
        given = call.given
        stages = given.stages or tuple(Stage)
        for stage in stages:
            check_scope(call.caller, _SCOPES[stage])
        asked = self.ask_stages(slug, stages, by=call.actor, at_once=given.at_once)
        return Reply(_shown(slug, asked))


def _shown(slug: str, answers: Sequence[StageAnswer]) -> PipelineAnswer:
    return PipelineAnswer(workspace=slug, stages=[_stage(each) for each in answers])


def _stage(each: StageAnswer) -> AskedAnswer:
    operation = each.operation
    return AskedAnswer(
        stage=each.stage,
        asked=each.asked,
        about=each.about,
        operation=operation_name(operation.id) if operation else None,
        by=operation.by if operation else None,
        since=each.since,
        why=each.why,
    )
