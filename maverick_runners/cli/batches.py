"""``maverick batches``: plan, upload, look at and decide about batches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.email import normalise_email
from maverick_core.kernel.errors import MaverickError, Rejected
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.batching.service import Plan
from maverick_core.pipeline.pages import EVERY_BATCH, BatchFilter, BatchOrder, SortKey
from maverick_core.pipeline.upload.desk import not_requeued
from maverick_runners.cli import batch_views, uploading
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, complain, print_json, print_rows, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(help="Batches: plan them, upload them, look at them.", no_args_is_help=True)

_Workspace = Annotated[str, typer.Option("--workspace", "-w", help="The workspace.")]
_AnyWorkspace = Annotated[
    str | None, typer.Option("--workspace", "-w", help="Only this workspace's.")
]
_Batch = Annotated[str, typer.Argument(help="The batch, for example B-000042.", metavar="BATCH")]
_Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the batch.")]
_MANY = 10_000  # batches one command decides about


@app.command("create")
def create(
    workspace: _Workspace,
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM; the present month where the workspace is.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Contacts in a batch.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Plan verified contacts into batches, as many as the month's target has room for."""
    with session() as wired, nullcontext() if dry_run else _planned(wired, workspace, month):
        plan = wired.plan_batches(
            workspace,
            Month.parse(month) if month else None,
            batch_size=batch_size,
            dry_run=dry_run,
        )
    if output is Form.JSON:
        print_json({**_plan_json(plan), "dry_run": dry_run})
        return
    columns = ("workspace", "month", "target", "room", "verified", "batches", "contacts")
    account = plan.account
    row = (
        plan.slug,
        plan.month,
        account.target,
        account.room,
        plan.supply,
        plan.batches,
        plan.contacts,
    )
    print_rows("Would be planned" if dry_run else "Planned", columns, [row])
    say(plan.why_no_more)
    if plan.batches and not dry_run:
        say(f'Upload them: "maverick batches upload --workspace {workspace}".')


def _planned(wired: Wired, slug: str, month: str | None) -> AbstractContextManager[None]:
    subject = f"{slug}/{Month.parse(month)}" if month else slug
    return audited(wired, Action.BATCHES_CREATE, subject, slug=slug)


def _plan_json(plan: Plan) -> dict[str, object]:
    names = []
    if plan.first_id is not None:
        names = [batch_name(plan.first_id + index) for index in range(plan.batches)]
    return {
        "workspace": plan.slug,
        "month": str(plan.month),
        "target": plan.account.target,
        "room": plan.account.room,
        "verified": plan.supply,
        "batches": plan.batches,
        "contacts": plan.contacts,
        "names": names,
        "why_no_more": plan.why_no_more,
    }


@app.command("upload")
def upload(workspace: _AnyWorkspace = None, output: Output = Form.TABLE) -> None:
    """Upload every batch that waits, in this process, until none is left."""
    with session() as wired:
        code = uploading.upload(wired, slug=workspace, output=output)
    raise typer.Exit(code)


@app.command("list")
def list_batches(
    workspace: _AnyWorkspace = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM.")] = None,
    state: Annotated[
        list[BatchState] | None, typer.Option(help="Only those in this state; may be repeated.")
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(help="Only those that failed for this reason code; may be repeated."),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Only those that this contact is in.")] = None,
    min_claims: Annotated[
        int, typer.Option(min=0, help="Only those that workers took so often, or more.")
    ] = 0,
    sort: Annotated[SortKey, typer.Option(help="What to sort by.")] = SortKey.CREATED,
    ascending: Annotated[
        bool, typer.Option("--ascending", help="The oldest, or the smallest, first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=_MANY, help="How many.")] = 50,
    output: Output = Form.TABLE,
) -> None:
    """List batches, newest first."""
    wanted = BatchFilter(
        states=frozenset(state or ()),
        slug=workspace,
        month=str(Month.parse(month)) if month else None,
        codes=frozenset(code or ()),
        email=normalise_email(email) if email else None,
        min_claims=min_claims,
    )
    with session() as wired:
        if workspace:
            wired.store.workspace(workspace)
        order = BatchOrder(sort, descending=not ascending)
        found = wired.store.batches(wanted, order=order, limit=limit)
    if output is Form.JSON:
        print_json([batch_views.as_json(batch) for batch in found])
    elif found:
        batch_views.print_list(found)
    elif wanted != EVERY_BATCH:
        say("No batch matches. Leave out an option to see more.")
    else:
        say('There is no batch yet. Plan some: "maverick batches create --workspace …".')


@app.command("show")
def show(
    batch: _Batch,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="Every contact with its state and the reason.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Show one batch: its counts, its attempts, and why contacts were not taken."""
    with session() as wired:
        batch_views.show(wired.store, parse_batch_name(batch), contacts=contacts, output=output)


@app.command("requeue")
def requeue(
    batches: Annotated[
        list[str] | None, typer.Argument(help="The batches.", metavar="[BATCH]...")
    ] = None,
    workspace: _AnyWorkspace = None,
    code: Annotated[str | None, typer.Option(help="All that failed for this reason code.")] = None,
    reason: _Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Send failed batches round again. What Email Bison took already is not sent again."""
    named = [parse_batch_name(name) for name in batches or []]
    if not (named or workspace or code):
        raise Rejected(
            "Which batches?",
            code="no_batch_named",
            remedy="Name them, or select them with --workspace and --code.",
        )
    done: list[str] = []
    refused: list[MaverickError] = []
    with session() as wired:
        for batch_id in named or _failed(wired, workspace, code):
            try:
                if dry_run:
                    _check_failed(wired, batch_id)
                else:
                    with _decided(wired, Action.BATCH_REQUEUE, batch_id):
                        wired.requeue_batch(batch_id, by=who(), reason=reason)
                done.append(batch_name(batch_id))
            except MaverickError as error:
                refused.append(error)
    _print_requeued(done, refused, dry_run=dry_run, output=output)
    if refused:
        raise typer.Exit(3 if done else 1)


def _decided(wired: Wired, action: Action, batch_id: int) -> AbstractContextManager[None]:
    """Put a decision on record; its reason is kept with the batch."""
    slug = wired.store.batch(batch_id).slug
    return audited(wired, action, batch_name(batch_id), slug=slug)


def _failed(wired: Wired, slug: str | None, code: str | None) -> Sequence[int]:
    if slug:
        wired.store.workspace(slug)
    codes = frozenset({code} if code else ())
    wanted = BatchFilter(frozenset({BatchState.FAILED}), slug, codes=codes)
    return [batch.id for batch in wired.store.batches(wanted, limit=_MANY)]


def _check_failed(wired: Wired, batch_id: int) -> None:
    state = wired.store.batch(batch_id).state
    if state is not BatchState.FAILED:
        raise not_requeued(batch_id, state)


def _print_requeued(
    done: list[str], refused: list[MaverickError], *, dry_run: bool, output: Form
) -> None:
    for error in refused:
        complain(error)
    if output is Form.JSON:
        skipped = [{"code": error.code, "detail": str(error)} for error in refused]
        print_json({"requeued": done, "refused": skipped, "dry_run": dry_run})
    elif done:
        say(f"{'Would re-queue' if dry_run else 'Re-queued'}: {', '.join(done)}.")
        if not dry_run:
            say('Upload them: "maverick batches upload".')
    elif not refused:
        say("No failed batch matches; nothing to re-queue.")


@app.command("cancel")
def cancel(
    batch: _Batch,
    reason: _Reason = "",
    output: Output = Form.TABLE,
) -> None:
    """Stop a batch. What Email Bison took stays counted, the other contacts are free again."""
    batch_id = parse_batch_name(batch)
    with session() as wired, _decided(wired, Action.BATCH_CANCEL, batch_id):
        state = wired.cancel_batch(batch_id, by=who(), reason=reason)
    if output is Form.JSON:
        print_json({"batch": batch_name(batch_id), "state": state})
    elif state is BatchState.CANCELLED:
        say(f"{batch_name(batch_id)} is cancelled; its contacts are free again.")
    else:
        say(
            f"{batch_name(batch_id)} will be cancelled as soon as what was sent of it is settled "
            'by the worker that has it, or by "maverick batches upload"; that takes a good token.'
        )


@app.command("watch")
def watch(batch: _Batch, output: Output = Form.TABLE) -> None:
    """Follow one batch until it ends or fails."""
    with session() as wired:
        raise typer.Exit(uploading.watch(wired, parse_batch_name(batch), output=output))
