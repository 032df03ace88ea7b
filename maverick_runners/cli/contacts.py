"""``maverick contacts``: where one contact is, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_core.kernel.email import normalise_email
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session

app = typer.Typer(help="Where a contact is, and why.", no_args_is_help=True)


@app.command("trace")
def trace(
    email: Annotated[str, typer.Argument(help="The e-mail, in any spelling.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="The workspace.")],
    output: Output = Form.TABLE,
) -> None:
    """Tell the whole way of a contact: import, batch, request, answer."""
    with session() as wired:
        found = wired.store.trace(wired.store.workspace(workspace).id, normalise_email(email))
    if output is Form.JSON:
        print_json(found)
        return
    rows = [(step.at, step.what, step.detail) for step in found.steps]
    print_rows(f"Contact {found.contact_id} of {workspace}", ("at", "what", "detail"), rows)
    say(f"It is {found.state.replace('_', ' ')} now.")


@app.callback()
def _contacts() -> None:
    """Keep ``trace`` a word of its own."""
