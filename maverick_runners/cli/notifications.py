"""``maverick notifications``: what people were told of, and what they were not."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_core.kernel.ids import batch_name
from maverick_core.notifications.rules import Notification, NotificationState
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session, tell, who

_MANY = 10_000  # notifications looked through

app = typer.Typer(
    help="What people are told of incidents, in Slack or in the log.", no_args_is_help=True
)


@app.command("list")
def list_notifications(
    state: Annotated[
        NotificationState | None, typer.Option(help="Only notifications in this state.")
    ] = None,
    limit: int = typer.Option(50, min=1, max=10_000, help="How many, the last one first."),
    output: Output = Form.TABLE,
) -> None:
    """List incidents and whether people have been told of each, or why not."""
    with session() as wired:
        found = wired.store.notifications(state=state, limit=limit)
    if output is Form.JSON:
        print_json({"notifications": found})
        return
    columns = ("number", "at", "workspace", "what", "batch", "state", "why")
    print_rows("Notifications", columns, [_row(each) for each in found])
    if any(each.state is NotificationState.IN_DOUBT for each in found):
        say("In doubt means: it may be in the channel, and nobody here can find out. Look there.")


def _row(each: Notification) -> tuple[object, ...]:
    why = f"{each.code} {each.detail}".strip()
    batch = batch_name(each.batch_id) if each.batch_id else None
    return (str(each.id), each.created_at, each.slug, each.kind, batch, each.state, why)


@app.command("resend")
def resend(
    number: Annotated[int, typer.Argument(help="The notification's number.", min=1)],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="You have looked: the message is not there.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Send again what failed or is in doubt; look first whether the message is there.

    What is sent, or still on its way, is never sent again.
    """
    if not yes:
        typer.confirm(
            "Have you looked in the channel, and the message is not there?", abort=True, err=True
        )
    with session() as wired:
        wired.resend_notification(number, by=who())
        tell(wired)
        listed = wired.store.notifications(limit=_MANY)
        found = next((each for each in listed if each.id == number), None)
    if output is Form.JSON:
        print_json(found)
    elif found is None:
        say(f"Notification {number} is sent again.")
    else:
        say(f"Notification {number} is {found.state}{f': {found.detail}' if found.detail else '.'}")
