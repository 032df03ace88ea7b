"""``maverick tokens``: what Email Bison knows each workspace by. Read from stdin, never shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Annotated, Final

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.workspaces.ports import TokenStatus
from maverick_core.workspaces.rules import Rotation
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, print_json, print_rows, say
from maverick_runners.cli.session import session, tell

app = typer.Typer(help="The Email Bison tokens of the workspaces.", no_args_is_help=True)

_TOKEN_FAILURES = frozenset({"token_refused", "wrong_workspace", "token_missing"})
_EXIT_PARTLY: Final = 3
_MANY = 1_000  # failed batches named; a refused token fails one

_Slug = Annotated[str, typer.Argument(help="The workspace.", metavar="WORKSPACE")]


@app.command("set")
def set_token(
    slug: _Slug,
    replace_workspace: Annotated[
        bool,
        typer.Option(
            "--replace-workspace",
            help="Allow a token of another Bison workspace, or of one that is in use here.",
        ),
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Store a token, read from stdin. It is tested first, and replaces the one before."""
    token = _read()
    with session() as wired:
        with audited(wired, Action.TOKEN_SET, slug, slug=slug):
            identity = wired.set_token(slug, token, replace_workspace=replace_workspace)
        wanted = BatchFilter(slug=slug, codes=_TOKEN_FAILURES)
        failed = [batch_name(batch.id) for batch in wired.store.batches(wanted, limit=_MANY)]
        tell(wired)
    if output is Form.JSON:
        print_json({"workspace": slug, "identity": identity, "failed_batches": failed})
        return
    say(f"{slug} uploads to the Email Bison workspace {identity.bison_workspace_name!r}.")
    if failed:
        say("Failed for the token before; send them round again:")
        say(f"  maverick batches requeue {' '.join(failed)}")


def _read() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Token", hide_input=True, err=True))
    return sys.stdin.readline()


@app.command("test")
def check(slug: _Slug, output: Output = Form.TABLE) -> None:
    """Ask Email Bison whether the stored token is good. A refused one puts uploads on hold."""
    with session() as wired:
        try:
            with audited(wired, Action.TOKEN_TEST, slug, slug=slug):
                identity = wired.check_token(slug)
        finally:
            tell(wired)
    if output is Form.JSON:
        print_json({"workspace": slug, "valid": True, "identity": identity})
    else:
        say(f"The token of {slug} is good, for {identity.bison_workspace_name!r}.")


@app.command("list")
def list_all(output: Output = Form.TABLE) -> None:
    """List the workspaces' tokens by their last four characters."""
    with session() as wired:
        found = [(w.slug, wired.store.token_status(w.id)) for w in wired.store.workspaces()]
    if output is Form.JSON:
        print_json([{"workspace": slug, "token": status} for slug, status in found])
        return
    if not found:
        say('There is no workspace yet. Add one: "maverick workspaces add acme --timezone …".')
        return
    rows = [
        (slug, f"…{status.hint}", status.identity.bison_workspace_name, _state(status))
        if status
        else (slug, None, None, "missing")
        for slug, status in found
    ]
    print_rows("Tokens", ("workspace", "token", "Email Bison workspace", "state"), rows)


@app.command("rotate-key")
def rotate_key(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what is left to do.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Encrypt every stored token anew, with the first key of MAVERICK_SECRET_KEY.

    Interrupted, it has done a part; run it again for the rest. Exit code 3 when no configured key
    decrypts some of the tokens.
    """
    with session() as wired:
        done = nullcontext() if dry_run else audited(wired, Action.KEY_ROTATE, "secret key")
        with done:
            told = wired.rotate_key(dry_run=dry_run)
        known = wired.store.key_ids()
    if output is Form.JSON:
        print_json({"rotation": told, "configured": known, "dry_run": dry_run})
    else:
        _print_rotation(told, known)
        _advise(told, dry_run=dry_run)
    if told.left:
        raise typer.Exit(_EXIT_PARTLY)


def _print_rotation(told: Rotation, known: Sequence[str]) -> None:
    keys = [*known, *sorted(told.before.keys() - set(known))]
    rows = [
        (key, _use(key, known), told.before.get(key, 0), told.after.get(key, 0)) for key in keys
    ]
    print_rows("Keys", ("key", "use", "tokens before", "tokens now"), rows)


def _use(key_id: str, known: Sequence[str]) -> str:
    if key_id not in known:
        return "not configured"
    return "encrypts" if key_id == known[0] else "decrypts"


def _advise(told: Rotation, *, dry_run: bool) -> None:
    for slug in told.left:
        say(f"{slug}: no configured key decrypts its token.")
        say(f'  Configure the key that it was stored with, or "maverick tokens set {slug}".')
    if not told.old:
        say("Every token is encrypted with the first key; no other key is needed.")
    elif dry_run:
        say(f"Tokens to encrypt anew: {told.old}. Nothing was changed.")


def _state(status: TokenStatus) -> str:
    return f"refused {status.refused_at:%Y-%m-%d %H:%M} UTC" if status.refused_at else "good"
