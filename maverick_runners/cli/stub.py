"""``maverick bison-stub``: an Email Bison to try things on, on this machine."""

from __future__ import annotations

import typer


def bison_stub(context: typer.Context) -> None:
    """Run an Email Bison stub on this machine, for example with --port 8025 (--help says more)."""
    from contracts.bison.stub.__main__ import main

    main(context.args, program="maverick bison-stub")
