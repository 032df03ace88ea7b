"""Programs to try things on, on this machine: an Email Bison, sites to scrape, a verifier."""

from __future__ import annotations

import typer


def bison_stub(context: typer.Context) -> None:
    """Run an Email Bison stub on this machine, for example with --port 8025 (--help says more)."""
    from contracts.bison.stub.__main__ import main

    main(context.args, program="maverick bison-stub")


def example_sites(context: typer.Context) -> None:
    """Run sites to scrape on this machine, for example with --port 8030 (--help says more)."""
    from contracts.sites.__main__ import main

    main(context.args, program="maverick example-sites")


def verifier_stub(context: typer.Context) -> None:
    """Run a verification provider here, for example with --port 8035 (--help says more)."""
    from contracts.verifier.stub.__main__ import main

    main(context.args, program="maverick verifier-stub")
