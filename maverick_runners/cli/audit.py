"""``maverick audit``: who changed what, and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session

app = typer.Typer(help="Who changed what, and how it ended.", no_args_is_help=True)


@app.command("list")
def list_entries(
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only what concerns this workspace.")
    ] = None,
    limit: int = typer.Option(50, min=1, max=10_000, help="How many, the newest first."),
    output: Output = Form.TABLE,
) -> None:
    """List changes and attempts: each is begun, and then done or refused with an error's code."""
    with session() as wired:
        found = wired.store.audit_entries(slug=workspace, limit=limit)
    if output is Form.JSON:
        print_json({"entries": found})
        return
    if not found:
        say("Nothing was changed yet.")
        return
    columns = ("when", "who", "what", "of", "result", "detail")
    rows = [(e.at, e.actor, e.action, e.subject, e.result, e.detail) for e in found]
    print_rows("Audit log", columns, rows)
