"""``maverick db``: the database's version, and who may do what in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from maverick_runners.cli.output import Form, Output, print_json, say

if TYPE_CHECKING:
    from sqlalchemy import Engine

app = typer.Typer(help="The database's version, and who may do what in it.", no_args_is_help=True)


@contextmanager
def _engine() -> Iterator[Engine]:
    from maverick_adapters.settings import load_settings
    from maverick_adapters.sql import open_engine

    engine = open_engine(load_settings().database_url, pool_size=1)
    try:
        yield engine
    finally:
        engine.dispose()


@app.command("upgrade")
def upgrade_database(output: Output = Form.TABLE) -> None:
    """Bring the database to the version that this Maverick needs. Safe to run again."""
    from maverick_adapters.sql import revision_state, upgrade

    with _engine() as engine:
        before, head = revision_state(engine)
        upgrade(engine)
    if output is Form.JSON:
        print_json({"before": before, "now": head})
    else:
        say(f"The database is at {head}." if before == head else f"Upgraded to {head}.")


@app.command("check")
def check(output: Output = Form.TABLE) -> None:
    """Say which version the database has and which is needed; exit code 4 when they differ."""
    from maverick_adapters.sql import revision_state

    with _engine() as engine:
        current, head = revision_state(engine)
    if output is Form.JSON:
        print_json({"current": current, "needed": head})
    elif current == head:
        say(f"The database is at {head}, as needed.")
    else:
        say(f'The database is at {current or "nothing"}, {head} is needed: "maverick db upgrade".')
    if current != head:
        raise typer.Exit(4)


@app.command("roles")
def roles(
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="The PostgreSQL role that the programs log in as.")
    ],
    output: Output = Form.TABLE,
) -> None:
    """Print the SQL that gives a role what the programs need: no DDL, no rewriting of history.

    The owner of the tables runs it, after each "maverick db upgrade"; the role has to exist.
    """
    from maverick_adapters.sql.roles import grants

    statements = grants(role)
    if output is Form.JSON:
        print_json({"role": role, "statements": statements})
        return
    for statement in statements:
        print(f"{statement};")  # noqa: T201
