"""Ask workers for the stages that have work; nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from maverick_core.kernel.errors import MaverickError, Missing, Unavailable
from maverick_core.kernel.time import Clock, Month
from maverick_core.operations.ports import Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationState
from maverick_core.pipeline.batching.request import plan_wanted
from maverick_core.pipeline.filtering.request import filter_wanted
from maverick_core.pipeline.onward.ports import StageTables
from maverick_core.pipeline.onward.rules import (
    KINDS,
    Asked,
    StageAnswer,
    Waiting,
    hindrance,
    is_of,
    too_soon,
)
from maverick_core.pipeline.scraping.ports import ScrapeRuns
from maverick_core.pipeline.scraping.request import run_wanted
from maverick_core.pipeline.stages import Stage
from maverick_core.pipeline.verification.request import verification_wanted
from maverick_core.workspaces.ports import Workspaces
from maverick_core.workspaces.rules import Workspace

_REMEMBERED: Final = 100  # a workspace's last operations, among which the last of a stage is sought
_ENDED: Final = frozenset({OperationState.SUCCEEDED, OperationState.FAILED})
BY: Final = "the pipeline"
"""Who asks where nobody did."""
_BUSY: Final = frozenset({Asked.ASKED, Asked.UNDER_WAY})


@dataclass(frozen=True, slots=True)
class AskStages:
    """Use case: put an operation on record for each stage that has work and none for it.

    Any number of people and sweeps may ask at a time. What is done, and what it may cost, is what
    the stages would do by hand: they obey the same rules, policies, budgets and targets. What is
    refused for one source or workspace is said of it, and keeps no other from being asked for.
    """

    workspaces: Workspaces
    tables: StageTables
    runs: ScrapeRuns
    operations: Operations
    clock: Clock

    def __call__(
        self,
        slug: str | None = None,
        stages: Collection[Stage] = tuple(Stage),
        *,
        by: str,
        dry_run: bool = False,
        at_once: bool = False,
    ) -> Sequence[StageAnswer]:
        """Ask for ``stages`` of a workspace or of all, and say of each what came of it.

        ``at_once`` asks also for what would be left for later; with ``dry_run`` nothing is
        written, and nobody is waited for. In order of workspaces, and of stages in each.

        Raises:
            Missing: no such workspace.

        """
        at = self.clock.now()
        whose = [self.workspaces.workspace(slug)] if slug else self.workspaces.workspaces()
        waiting = {
            stage: self.tables.waiting(stage, whose, at=at, move_marks=not dry_run)
            for stage in Stage
        }
        opened = self.operations.open_operations()
        answers: list[StageAnswer] = []
        for workspace in whose:
            desk = _Desk(self, workspace, opened, at, by, dry_run=dry_run, at_once=at_once)
            mine = {stage: _of(workspace, found) for stage, found in waiting.items()}
            answers += desk.ask(mine, stages)
        return answers


def _of(workspace: Workspace, found: Sequence[Waiting]) -> Sequence[Waiting]:
    return [each for each in found if each.workspace_id == workspace.id]


class _Desk:
    """Asks for one workspace, stage by stage: what an earlier one is at decides of a later one."""

    def __init__(
        self,
        asking: AskStages,
        workspace: Workspace,
        opened: Sequence[Operation],
        at: datetime,
        by: str,
        *,
        dry_run: bool,
        at_once: bool,
    ) -> None:
        self._asking = asking
        self._workspace = workspace
        self._open = [each for each in opened if each.slug == workspace.slug]
        self._at = at
        self._by = by
        self._dry_run = dry_run
        self._at_once = at_once
        self._month = Month.of(at, workspace.zone)

    def ask(
        self, waiting: Mapping[Stage, Sequence[Waiting]], stages: Collection[Stage]
    ) -> Iterator[StageAnswer]:
        """Yield the answers; stages that are not named are only looked at."""
        more_comes = False
        for stage in Stage:
            answers = [
                self._answer(stage, each, named=stage in stages, more_comes=more_comes)
                for each in (*waiting[stage], *self._begun(stage, waiting[stage]))
            ]
            more_comes = more_comes or any(each.asked in _BUSY for each in answers)
            if stage in stages:
                yield from answers or [self._says(stage, Asked.NOTHING)]

    def _begun(self, stage: Stage, waiting: Sequence[Waiting]) -> Iterator[Waiting]:
        """Yield what is under way and waits no more: its worker may be at the last of it."""
        for each in self._open:
            begun = Waiting(self._workspace.id, name=str(each.arguments.get("source", "")))
            if is_of(each, stage, begun) and not any(is_of(each, stage, one) for one in waiting):
                yield begun

    def _answer(
        self, stage: Stage, waiting: Waiting, *, named: bool, more_comes: bool
    ) -> StageAnswer:
        answer = self._says(stage, Asked.UNDER_WAY, about=waiting.name, since=waiting.since)
        for operation in self._open:
            if is_of(operation, stage, waiting):
                return replace(answer, operation=operation, since=operation.created_at)
        if why := hindrance(stage, waiting, month=str(self._month), hold=self._workspace.hold):
            return replace(answer, asked=Asked.CANNOT, why=why)
        if stage not in KINDS:
            return answer
        last = self._last(stage, waiting)
        why = too_soon(
            stage,
            waiting,
            last,
            batch_size=self._workspace.batch_size,
            more_comes=more_comes,
            at=self._at,
        )
        if why and not self._at_once:
            return replace(answer, asked=Asked.LATER, operation=last, why=why)
        if self._dry_run or not named:
            return replace(answer, asked=Asked.ASKED if named else Asked.LATER)
        return self._put_on_record(answer, waiting)

    def _put_on_record(self, answer: StageAnswer, waiting: Waiting) -> StageAnswer:
        try:
            new = self._wanted(answer.stage, waiting)
        except Missing:  # the source was taken away meanwhile
            return replace(answer, asked=Asked.NOTHING)
        except Unavailable:
            raise
        except MaverickError as error:  # of this piece of work: the others are asked for
            return replace(answer, asked=Asked.CANNOT, why=str(error))
        operation, added = self._asking.operations.add_operation_once(new, at=self._at)
        asked = Asked.ASKED if added else Asked.UNDER_WAY
        return replace(answer, asked=asked, operation=operation, since=operation.created_at)

    def _wanted(self, stage: Stage, waiting: Waiting) -> NewOperation:
        workspace, by = self._workspace, self._by
        if stage is Stage.SCRAPING:
            run_id = self._asking.runs.begin_run(waiting.id, at=self._at)
            return run_wanted(workspace.slug, waiting.name, run_id, by=by)
        if stage is Stage.FILTERING:
            return filter_wanted(workspace.slug, by=by)
        if stage is Stage.VERIFICATION:
            return verification_wanted(workspace.slug, by=by)
        return plan_wanted(workspace.slug, self._month, workspace.batch_size, by=by)

    def _last(self, stage: Stage, waiting: Waiting) -> Operation | None:
        ended = (each for each in self._lately if each.state in _ENDED)
        return next((each for each in ended if is_of(each, stage, waiting)), None)

    @cached_property
    def _lately(self) -> Sequence[Operation]:
        return self._asking.operations.operations(slug=self._workspace.slug, limit=_REMEMBERED)

    def _says(
        self, stage: Stage, asked: Asked, *, about: str = "", since: datetime | None = None
    ) -> StageAnswer:
        return StageAnswer(self._workspace.slug, stage, asked, about, since=since)


@dataclass(frozen=True, slots=True)
class GoOn:
    """Use case: the sweep that lets every workspace's pipeline go on by itself.

    Stages leave work in tables and know nothing of each other; this looks at the tables.
    """

    ask_stages: AskStages

    def __call__(self) -> int:
        """Ask for whatever has work, and return for how many operations."""
        answers = self.ask_stages(by=BY)
        return sum(each.asked is Asked.ASKED for each in answers)
