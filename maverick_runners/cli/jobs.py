"""``maverick jobs``: what workers were told, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_core.jobs.rules import JobState
from maverick_runners.cli.output import Form, Output, print_json, print_rows
from maverick_runners.cli.session import session

app = typer.Typer(help="What workers were told, and what became of it.", no_args_is_help=True)


@app.command("list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="Only jobs in this state.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only jobs of this queue.")] = None,
    limit: int = typer.Option(50, min=1, max=10_000, help="How many, the last queued first."),
    output: Output = Form.TABLE,
) -> None:
    """List jobs of the workers on Redis: when each was queued and started, how it ended and why."""
    with session() as wired:
        jobs = wired.store.jobs(state=state, queue=queue, limit=limit)
    if output is Form.JSON:
        print_json({"jobs": jobs})
        return
    columns = ("queued", "queue", "about", "state", "attempts", "started", "finished", "why")
    rows = [
        (
            job.queued_at,
            job.queue,
            None if job.arg is None else str(job.arg),
            job.state,
            job.attempts,
            job.started_at,
            job.finished_at,
            f"{job.code} {job.detail}".strip(),
        )
        for job in jobs
    ]
    print_rows("Jobs", columns, rows)
