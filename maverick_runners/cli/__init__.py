"""The command line: ``maverick``.

Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 partly done, 4 not ready, 130 interrupted.
Data goes to stdout, progress and complaints to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import typer

from maverick_core.kernel.errors import MaverickError, Rejected, Unavailable
from maverick_runners.cli import (
    audit,
    batches,
    contacts,
    database,
    demo,
    doctor,
    filtering,
    import_file,
    imports,
    jobs,
    keys,
    master,
    notifications,
    operations,
    pipeline,
    serve,
    sources,
    start,
    stub,
    suppressions,
    targets,
    tokens,
    topology,
    verification,
    workers,
    workspaces,
)
from maverick_runners.cli.output import Form, complain

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NOT_READY: Final = 4

app = typer.Typer(
    name="maverick",
    help="Contacts of sites and lists: filtered, verified, uploaded to Email Bison, counted once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(workspaces.app, name="workspaces")
app.add_typer(tokens.app, name="tokens")
app.add_typer(targets.app, name="targets")
app.command("import")(import_file.import_file)
app.add_typer(imports.app, name="imports")
app.add_typer(sources.app, name="sources")
app.add_typer(batches.app, name="batches")
app.add_typer(contacts.app, name="contacts")
app.add_typer(filtering.app, name="filtering")
app.add_typer(verification.app, name="verification")
app.add_typer(master.app, name="master")
app.add_typer(suppressions.app, name="suppressions")
app.command("worker")(workers.worker)
app.command("relay")(workers.relay)
app.command("up")(workers.up)
app.command("serve")(serve.serve)
app.command("openapi")(serve.openapi)
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(jobs.app, name="jobs")
app.add_typer(notifications.app, name="notifications")
app.add_typer(operations.app, name="operations")
app.add_typer(pipeline.app, name="pipeline")
app.add_typer(topology.app, name="topology")
app.add_typer(database.app, name="db")
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("init")(start.init)
app.command(
    "bison-stub",
    # The stub is a program of its own and reads its own options.
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)(stub.bison_stub)
app.command(
    "example-sites",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)(stub.example_sites)
app.command(
    "verifier-stub",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)(stub.verifier_stub)
app.command("version")(start.version)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default the one this process was started with, and exit."""
    try:
        app(arguments)
    except MaverickError as error:
        complain(error, output=_form(sys.argv[1:] if arguments is None else arguments))
        sys.exit(_exit_code(error))


def _form(arguments: Sequence[str]) -> Form:
    """Return the form asked for; the command that would say it did not get that far."""
    asked = {f"{option}{gap}json" for option in ("--output", "-o") for gap in (" ", "=")}
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    told = {*arguments, *(f"{first} {second}" for first, second in pairs)}
    return Form.JSON if asked & told else Form.TABLE


def _exit_code(error: MaverickError) -> int:
    if isinstance(error, Rejected):
        return EXIT_USAGE
    return EXIT_NOT_READY if isinstance(error, Unavailable) else EXIT_FAILED
