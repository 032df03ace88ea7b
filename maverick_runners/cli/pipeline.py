"""``maverick pipeline``: every stage in turn, or one alone; and the proof that nobody is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maverick_core.pipeline.audit.rules import Buckets
from maverick_core.pipeline.stages import Stage
from maverick_runners.cli.asking import ask
from maverick_runners.cli.output import Form, Output, print_json, print_rows, resumable, say
from maverick_runners.cli.session import session

if TYPE_CHECKING:
    from maverick_adapters.container import Wired
    from maverick_core.pipeline.audit.service import Audited

EXIT_FAILED = 1

app = typer.Typer(help="From raw contacts to Email Bison, stage by stage.", no_args_is_help=True)
app.command("ask")(ask)

_Only = Annotated[str | None, typer.Option("--workspace", "-w", help="Only this workspace.")]


@app.command("run")
def run(
    stages: Annotated[
        list[Stage] | None, typer.Argument(help="By default all.", metavar="[STAGE]...")
    ] = None,
    workspace: _Only = None,
    output: Output = Form.TABLE,
) -> None:
    """Run every stage that has work, in their order, or those that are named.

    It does so in this process; "pipeline ask" has workers do it. Running it again, or after a
    crash, goes on where it was.
    """
    from maverick_runners.stages import run_stages

    with session() as wired, resumable():
        done = []
        for each in run_stages(wired, stages or list(Stage), _slugs(wired, workspace)):
            done.append(each)
            if output is not Form.JSON and (each.done or each.why):
                say(f"{each.slug}: {each.stage}: {each.done:,}. {each.why}".rstrip())
    if output is Form.JSON:
        print_json({"stages": done})
        return
    rows = [(each.slug, each.stage, each.done, each.why or None) for each in done]
    print_rows("Pipeline", ("workspace", "stage", "contacts", "note"), rows)


@app.command("audit")
def audit(workspace: _Only = None, output: Output = Form.TABLE) -> None:
    """Count every bucket anew and prove that they add up; name what does not.

    Exit codes: 0 everybody is in exactly one bucket, 1 somebody is not.
    """
    with session() as wired:
        found = [wired.audit_pipeline(slug) for slug in _slugs(wired, workspace)]
    if output is Form.JSON:
        print_json({"workspaces": [_as_json(each) for each in found]})
    else:
        for each in found:
            print_audit(each)
    if not all(each.whole for each in found):
        raise typer.Exit(EXIT_FAILED)


def _slugs(wired: Wired, only: str | None) -> list[str]:
    if only is not None:
        return [wired.store.workspace(only).slug]
    return [workspace.slug for workspace in wired.store.workspaces()]


def print_audit(audited: Audited) -> None:
    """Print where everybody is, and who is nowhere."""
    buckets = audited.buckets
    print_rows(f"Where the contacts of {buckets.slug} are", ("bucket", "contacts"), _rows(buckets))
    for each in audited.differences:
        say(f"✕ {each.what.capitalize()}: {each.left:,} are not {each.right:,}.")
    for stray in audited.strays:
        say(f"✕ {stray.table} {stray.id}: {stray.why}.")
    if audited.whole:
        say("Every raw contact and every contact is in exactly one bucket.")


def _rows(buckets: Buckets) -> list[tuple[str, int]]:
    return [
        ("raw, waiting for the filter", buckets.raw_waiting),
        *((f"filtered: {code}", count) for code, count in sorted(buckets.filtered.items())),
        ("kept, waiting for verification", buckets.candidates_waiting),
        *((f"not mailable: {why}", count) for why, count in sorted(buckets.not_mailable.items())),
        *((state.replace("_", " "), count) for state, count in sorted(buckets.states.items())),
    ]


def _as_json(audited: Audited) -> Mapping[str, Any]:
    return {
        "buckets": audited.buckets,
        "differences": audited.differences,
        "strays": audited.strays,
        "whole": audited.whole,
    }
