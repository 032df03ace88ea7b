"""``maverick pipeline ask``: what has work is asked of the workers, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.ids import operation_name
from maverick_core.pipeline.onward.rules import Asked, StageAnswer
from maverick_core.pipeline.stages import Stage
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired


def ask(
    stages: Annotated[
        list[Stage] | None, typer.Argument(help="By default all.", metavar="[STAGE]...")
    ] = None,
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only this workspace.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Ask also for what would better be left for later.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked for; ask nobody.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Ask the workers for every stage that has work, or for those that are named.

    The one way to have workers do what "pipeline run" does in this process. What was asked for
    already is not asked for again. With MAVERICK_PIPELINE_AUTOMATIC the relay asks by itself.
    """
    with session() as wired:
        answers = _ask(wired, stages or list(Stage), workspace, now=now, dry_run=dry_run)
    if output is Form.JSON:
        print_json({"dry_run": dry_run, "stages": [_as_json(each) for each in answers]})
        return
    columns = ("workspace", "stage", "about", "", "operation", "by", "since", "why")
    print_rows("Asked for" if not dry_run else "Would be", columns, [*map(_row, answers)])
    if not dry_run and any(each.asked is Asked.ASKED for each in answers):
        say('Workers do it: "maverick operations list" says how far they are.')


def _ask(
    wired: Wired, stages: Sequence[Stage], slug: str | None, *, now: bool, dry_run: bool
) -> Sequence[StageAnswer]:
    if dry_run:
        return wired.ask_stages(slug, stages, by=who(), at_once=now, dry_run=True)
    named = ", ".join(stages)
    with audited(wired, Action.PIPELINE_ASK, slug or "all workspaces", slug=slug, detail=named):
        return wired.ask_stages(slug, stages, by=who(), at_once=now)


def _as_json(each: StageAnswer) -> Mapping[str, Any]:
    operation = each.operation
    return {
        "workspace": each.slug,
        "stage": each.stage,
        "asked": each.asked,
        "about": each.about,
        "operation": operation_name(operation.id) if operation else None,
        "by": operation.by if operation else None,
        "since": each.since,
        "why": each.why,
    }


def _row(each: StageAnswer) -> tuple[object, ...]:
    operation = each.operation
    name, by = (operation_name(operation.id), operation.by) if operation else (None, None)
    asked, since = each.asked.replace("_", " "), each.since
    return (each.slug, each.stage, each.about or None, asked, name, by, since, each.why or None)
