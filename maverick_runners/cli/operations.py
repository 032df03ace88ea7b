"""``maverick operations``: long work that people asked for, and doing it where no workers are."""

from __future__ import annotations

from typing import Annotated

import typer

from maverick_core.kernel.ids import operation_name, parse_operation_name
from maverick_core.operations.rules import Operation, OperationState
from maverick_runners.cli.output import Form, Output, print_json, print_rows, resumable, say
from maverick_runners.cli.session import session

EXIT_FAILED = 1
_MANY = 1_000  # operations done by one command

app = typer.Typer(help="Long work that people asked for.", no_args_is_help=True)


@app.command("list")
def list_operations(
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only of this workspace.")
    ] = None,
    state: Annotated[
        OperationState | None, typer.Option(help="Only operations in this state.")
    ] = None,
    limit: int = typer.Option(50, min=1, max=10_000, help="How many, the last one first."),
    output: Output = Form.TABLE,
) -> None:
    """List what was asked for, how far it is and what came of it."""
    with session() as wired:
        found = wired.store.operations(slug=workspace, state=state, limit=limit)
    if output is Form.JSON:
        print_json({"operations": found})
        return
    if not found:
        say('Nobody asked for anything. "maverick pipeline ask" does.')
        return
    columns = ("operation", "asked", "by", "workspace", "what", "state", "done", "of", "why")
    print_rows("Operations", columns, [_row(each) for each in found])


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="For example op_000042.", metavar="OPERATION")],
    output: Output = Form.TABLE,
) -> None:
    """Show one operation with its result, or what kept it from one."""
    with session() as wired:
        found = wired.store.operation(parse_operation_name(name))
    if output is Form.JSON:
        print_json(found)
        return
    rows = [
        ("what", found.kind),
        ("workspace", found.slug),
        ("asked", found.created_at),
        ("by", found.by),
        ("state", found.state),
        *((f"asked for: {key}", value) for key, value in found.arguments.items()),
        *((f"result: {key}", value) for key, value in (found.result or {}).items()),
    ]
    print_rows(operation_name(found.id), ("", ""), [(key, str(value)) for key, value in rows])
    if found.problem:
        say(f"✕ {found.problem.detail} ({found.problem.code})")
        if found.problem.remedy:
            say(f"  {found.problem.remedy}")


@app.command("run")
def run(output: Output = Form.TABLE) -> None:
    """Do, in this process, what waits for a worker; with workers on Redis nobody needs this."""
    from maverick_adapters.system import worker_name

    with session() as wired, resumable():
        waiting = wired.store.waiting_operations(limit=_MANY)
        codes = {each.id: wired.run_operation(each.id, worker=worker_name()) for each in waiting}
        done = [wired.store.operation(id_) for id_ in codes]
    if output is Form.JSON:
        print_json({"operations": done})
    elif done:
        columns = ("operation", "asked", "by", "workspace", "what", "state", "done", "of", "why")
        print_rows("Operations", columns, [_row(each) for each in done])
    else:
        say("Nothing that was asked for waits.")
    if any(each.state is not OperationState.SUCCEEDED for each in done):
        raise typer.Exit(EXIT_FAILED)


def _row(each: Operation) -> tuple[object, ...]:
    why = f"{each.problem.code}: {each.problem.detail}" if each.problem else None
    name = operation_name(each.id)
    progress = (each.state, each.done, each.total)
    return (name, each.created_at, each.by, each.slug, each.kind, *progress, why)
