"""``maverick topology``: which work runs where."""

from __future__ import annotations

import typer

from maverick_core.topology.checks import check
from maverick_core.topology.queues import QUEUES
from maverick_core.topology.routes import ALL_ROUTES
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say

app = typer.Typer(help="Which work runs where.", no_args_is_help=True)


@app.command("show")
def show(output: Output = Form.TABLE) -> None:
    """Show the worker groups, the queues with their metrics' ports, and the routes to them.

    MAVERICK_TOPOLOGY names the table of groups. A queue without tasks is not worked on yet.
    """
    from maverick_adapters.settings import load_settings
    from maverick_runners.app import ACTORS, groups

    settings = load_settings()
    if output is Form.JSON:
        document = {"groups": groups(settings), "queues": QUEUES, "routes": ALL_ROUTES}
        print_json({"topology": settings.topology, **document, "with_tasks": list(ACTORS)})
        return
    port = settings.metrics_port
    print_rows(
        f"Worker groups, {settings.topology}",
        ("group", "queues", "tasks at a time", "tasks a process"),
        [
            (group.name, ", ".join(group.queues), group.concurrency, group.tasks_per_child)
            for group in groups(settings)
        ],
    )
    print_rows(
        "Queues",
        ("queue", "has tasks", "metrics port"),
        [
            (queue, "yes" if queue in ACTORS else "no", str(port + index) if port else None)
            for index, queue in enumerate(QUEUES)
        ],
    )
    rows = [tuple(route) for route in ALL_ROUTES]
    print_rows("Routes, the first that matches", ("tasks", "queue"), rows)


@app.command("check")
def check_topology() -> None:
    """Refuse a set-up that would leave work lying; `worker`, `relay` and `up` do so as they start.

    Exit code 1 when a queue has no consumer or a route leads nowhere.
    """
    from maverick_adapters.settings import load_settings
    from maverick_runners.app import groups

    settings = load_settings()
    check(groups(settings))
    say(f"Every queue has a consumer and every route a queue ({settings.topology}).")
