"""``maverick contacts``: where one contact is, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_core.kernel.email import normalise_email
from maverick_core.pipeline.contact import ContactState
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session

app = typer.Typer(help="Where a contact is, and why.", no_args_is_help=True)


_NEXT = {
    ContactState.VERIFIED: "It waits for a batch: the target needs room, and the plan its turn.",
    ContactState.BATCHED: "Its batch is to be uploaded, or failed: look at the batch.",
    ContactState.IN_DOUBT: "It was sent, and the answer is not known: the next upload settles it.",
    ContactState.UPLOADED: "It counts against the target.",
    ContactState.NOT_ATTACHABLE: "It counts; the campaign takes it only if the reason goes away.",
    ContactState.SKIPPED: "It does not count. Whether it is taken is a setting of Email Bison.",
    ContactState.REJECTED: "It does not count. Correct what the reason names in a new list.",
}


@app.command("trace")
def trace(
    email: Annotated[str, typer.Argument(help="The e-mail, in any spelling.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="The workspace.")],
    output: Output = Form.TABLE,
) -> None:
    """Tell the way of a contact, where it is now, and what would change that."""
    with session() as wired:
        found = wired.store.trace(wired.store.workspace(workspace).id, normalise_email(email))
    if output is Form.JSON:
        print_json(found)
        return
    rows = [(step.at, step.what, step.detail) for step in found.steps]
    print_rows(f"Contact {found.contact_id} of {workspace}", ("at", "what", "detail"), rows)
    say(f"It is {found.state.replace('_', ' ')} now. {_NEXT[found.state]}")


@app.callback()
def _contacts() -> None:
    """Keep ``trace`` a word of its own."""
