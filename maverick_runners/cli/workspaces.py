"""``maverick workspaces``: the clients that contacts are uploaded for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from maverick_core.access.rules import Action
from maverick_core.workspaces.rules import DEFAULT_BATCH_SIZE, Workspace, new_workspace
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session

app = typer.Typer(help="The clients that contacts are uploaded for.", no_args_is_help=True)

_COLUMNS = ("workspace", "time zone", "batch size", "campaign", "hold")


@app.command("add")
def add(
    slug: Annotated[
        str, typer.Argument(help="Its short name, for example acme.", metavar="WORKSPACE")
    ],
    timezone: Annotated[
        str, typer.Option(help="Where its months begin and end, for example America/New_York.")
    ],
    batch_size: Annotated[int, typer.Option(help="Contacts in a batch.")] = DEFAULT_BATCH_SIZE,
    campaign: Annotated[
        int | None, typer.Option(help="Attach uploaded leads to this Email Bison campaign.")
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Add a workspace. Store its token next, with "maverick tokens set"."""
    new = new_workspace(slug, timezone, batch_size=batch_size, campaign_id=campaign)
    with session() as wired, audited(wired, Action.WORKSPACE_ADD, slug, slug=slug):
        workspace = wired.store.add_workspace(new)
    if output is Form.JSON:
        print_json(workspace)
    else:
        say(f'Added {slug}. Store its token next: "maverick tokens set {slug}".')


@app.command("set")
def change(
    slug: Annotated[str, typer.Argument(help="The workspace.", metavar="WORKSPACE")],
    timezone: Annotated[str | None, typer.Option(help="Where its months begin and end.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Contacts in a batch.")] = None,
    campaign: Annotated[
        int | None, typer.Option(help="Attach leads to this campaign; 0 for none.", min=0)
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Change a workspace. Batches that are planned keep their month, size and campaign."""
    with session() as wired, audited(wired, Action.WORKSPACE_SET, slug, slug=slug):
        now = wired.store.workspace(slug)
        new = new_workspace(
            slug,
            timezone or now.timezone,
            batch_size=now.batch_size if batch_size is None else batch_size,
            campaign_id=now.campaign_id if campaign is None else campaign or None,
        )
        workspace = wired.store.change_workspace(new)
    if output is Form.JSON:
        print_json(workspace)
    else:
        _print([workspace])


@app.command("list")
def list_all(output: Output = Form.TABLE) -> None:
    """List the workspaces."""
    with session() as wired:
        workspaces = wired.store.workspaces()
    if output is Form.JSON:
        print_json(workspaces)
    elif not workspaces:
        say('There is no workspace yet. Add one: "maverick workspaces add acme --timezone …".')
    else:
        _print(workspaces)


def _print(workspaces: Sequence[Workspace]) -> None:
    rows = [(w.slug, w.timezone, w.batch_size, w.campaign_id, w.hold) for w in workspaces]
    print_rows("Workspaces", _COLUMNS, rows)
