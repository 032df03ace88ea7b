"""``maverick keys``: who may use the HTTP API, and for what."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from maverick_core.access.credentials import BEGINNING
from maverick_core.access.rules import SCOPES, Action, Key, Role, Scope
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, plain, print_json, print_rows, say
from maverick_runners.cli.session import session

app = typer.Typer(help="Who may use the HTTP API, and for what.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The key's name, for example acme-portal.")]


@app.command("create")
def create(
    name: _Name,
    role: Annotated[Role, typer.Option(help="What its holder is.")],
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="The one workspace that it reaches.")
    ] = None,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="Allow this only, of what the role allows; may be repeated."),
    ] = None,
    expires_in_days: Annotated[
        int | None, typer.Option(help="How long it is good; for ever without it.")
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Make a key. Its secret goes to stdout, this once: nothing can show it again."""
    with (
        session() as wired,
        audited(wired, Action.KEY_CREATE, name, slug=workspace, detail=f"role {role}"),
    ):
        created = wired.create_key(
            name, role, slug=workspace, scopes=scope, expires_in_days=expires_in_days
        )
    if output is Form.JSON:
        print_json({"secret": created.secret, "key": _as_json(created.key)})
        return
    sys.stdout.write(created.secret + "\n")
    sys.stdout.flush()
    say(f"Made {name}, for {_reach(created.key)}, {_until(created.key)}.")
    say("Keep it now: only its SHA-256 is on record, and nothing can show it again.")


def _as_json(key: Key) -> dict[str, Any]:
    return {**plain(key), "scopes": sorted(key.scopes)}


def _reach(key: Key) -> str:
    return f"the workspace {key.slug}" if key.slug else "all workspaces"


def _until(key: Key) -> str:
    if key.expires_at is None:
        return "until it is revoked"
    return f"until {key.expires_at:%Y-%m-%d %H:%M} UTC"


@app.command("list")
def list_keys(output: Output = Form.TABLE) -> None:
    """List the keys by how they begin, the newest first, revoked ones too."""
    with session() as wired:
        found = wired.store.keys()
        now = wired.clock.now()
    if output is Form.JSON:
        print_json({"keys": [_as_json(key) for key in found]})
        return
    if not found:
        say('There is no key yet. Make one: "maverick keys create NAME --role operator".')
        return
    columns = ("key", "begins", "role", "workspace", "scopes", "last used", "state")
    rows = [
        (
            key.name,
            f"{key.prefix.removeprefix(BEGINNING)}…",
            key.role,
            key.slug or "all",
            _scopes(key),
            key.last_used_at,
            _state(key, now),
        )
        for key in found
    ]
    print_rows("Keys", columns, rows)


def _scopes(key: Key) -> str:
    allowed = SCOPES[key.role]
    return "all" if key.scopes == allowed else f"{len(key.scopes)} of {len(allowed)}"


def _state(key: Key, now: datetime) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at:
        expired = key.expires_at <= now
        return f"{'expired' if expired else 'expires'} {key.expires_at:%Y-%m-%d}"
    return "good"


@app.command("revoke")
def revoke(name: _Name, output: Output = Form.TABLE) -> None:
    """Make a key worthless. The next request with it is refused already."""
    with session() as wired, audited(wired, Action.KEY_REVOKE, name):
        key = wired.revoke_key(name)
    if output is Form.JSON:
        print_json(_as_json(key))
    else:
        say(f"{name} is revoked; requests with it are refused from now on.")
