"""``maverick serve`` and ``openapi``: the HTTP API."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from maverick_runners.cli.output import say
from maverick_runners.cli.session import session


def serve(
    host: Annotated[str | None, typer.Option(help="Listen on this address.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen on this port.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.")] = None,
    threads: Annotated[int | None, typer.Option(help="Requests at a time, in each.")] = None,
) -> None:
    """Answer HTTP requests until stopped; MAVERICK_HTTP_… say how where an option does not.

    On SIGTERM or Ctrl-C no request is taken any more, and those under way are answered.
    """
    from maverick_adapters.settings import load_settings
    from maverick_runners.server import program, require_port
    from maverick_runners.supervisor import Supervisor

    told = {
        "http_host": host,
        "http_port": port,
        "http_workers": workers,
        "http_threads": threads,
    }
    overrides = {name: value for name, value in told.items() if value is not None}
    with session(load_settings(**overrides)) as wired:
        settings = wired.settings
    require_port(settings.http_host, settings.http_port)
    say(f"Answering on http://{settings.http_host}:{settings.http_port}. Ctrl-C stops.")
    running = Supervisor([program(settings)], stop_seconds=settings.http_stop_seconds)
    raise typer.Exit(running.run())


def openapi() -> None:
    """Print the API's contract (OpenAPI 3.1)."""
    # The facade is a program of its own, which the command line knows by its name only.
    command = [sys.executable, "-m", "maverick_http.openapi"]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own
