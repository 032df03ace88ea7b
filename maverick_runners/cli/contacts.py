"""``maverick contacts``: where one contact is, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from maverick_core.kernel.email import normalise_email
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.verification.verdicts import Verdict
from maverick_core.pipeline.views import TraceStep
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
_NOT_YET = {
    "found": "It waits for the filter.",
    "kept": "It was kept, and waits for verification.",
    "filtered": "It was filtered; another rule set, or a correction, would change that.",
}
_NOT_MAILABLE = {
    Verdict.INVALID: "No mail reaches it: correct it at its source and bring it again.",
    Verdict.UNKNOWN: 'Nothing was found out: "maverick verification again" asks once more.',
    Verdict.RISKY: 'The workspace takes no such risk: see "maverick verification policy show".',
}


@app.command("trace")
def trace(
    email: Annotated[str, typer.Argument(help="The e-mail, in any spelling.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="The workspace.")],
    output: Output = Form.TABLE,
) -> None:
    """Tell the way of a contact, where it is now, and what would change that."""
    with session() as wired:
        way = wired.trace_mailbox(workspace, normalise_email(email))
    steps, found = way.steps, way.contact
    if output is Form.JSON:
        nobody = {"contact_id": None, "email": email, "state": None, "batch_id": None}
        print_json(replace(found, steps=steps) if found else {**nobody, "steps": steps})
        return
    title = f"Contact {found.contact_id} of {workspace}" if found else f"Found for {workspace}"
    print_rows(title, ("at", "what", "detail"), [(s.at, s.what, s.detail) for s in steps])
    if found:
        say(f"It is {found.state.replace('_', ' ')} now. {_NEXT[found.state]}")
    else:
        say(f"It is no contact yet. {_next(steps[-1])}".rstrip())


def _next(last: TraceStep) -> str:
    if last.what == "not mailable":
        verdict, _, _ = last.detail.partition(":")
        return _NOT_MAILABLE[Verdict(verdict)]
    return _NOT_YET.get(last.what, "")


@app.callback()
def _contacts() -> None:
    """Keep ``trace`` a word of its own."""
