"""``maverick demo``: the main job from lists to counted uploads, on this machine alone.

An SQLite file, an Email Bison stub on the loopback interface, and the production actors in this
process. Everything it makes lies in one folder; a second run goes on from what is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from maverick_core.kernel.ids import batch_name
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.pipeline.views import BatchView
from maverick_core.workspaces.rules import Hold, new_workspace
from maverick_runners.cli import targets, uploading
from maverick_runners.cli.import_file import ImportOrder, run_import
from maverick_runners.cli.output import Form, say
from maverick_runners.cli.session import session

if TYPE_CHECKING:
    from maverick_adapters.container import Wired
    from maverick_adapters.settings import Settings
    from maverick_runners.cli.demo_world import Client

_LEASE_SECONDS: Final = 5.0  # an interrupted demo goes on soon after it is started again


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the demo keeps what it makes.")
    ] = Path("demo-data"),
    reset: Annotated[bool, typer.Option("--reset", help="Begin again from nothing.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Replace the refused token, re-queue, go on.")
    ] = False,
) -> None:
    """Run it all on made-up data: 20,000 contacts of four clients, and what goes wrong.

    Three clients have verified lists; the fourth has a messy one, and a site to scrape. One token
    is refused half-way, Email Bison skips rows and rejects others, answers get lost. The tables at
    the end show that every contact is accounted for.
    """
    from contracts.bison.stub import serve
    from contracts.sites import ExampleSites
    from contracts.sites import serve as serve_sites
    from contracts.verifier.stub import VerifierStub
    from contracts.verifier.stub import serve as serve_verifier
    from maverick_runners.cli import demo_pipeline
    from maverick_runners.cli import demo_world as world

    folder.mkdir(parents=True, exist_ok=True)
    everybody = (*world.CLIENTS, world.DOVER)
    if reset:
        _forget(folder, (client.slug for client in everybody))
    cedar = world.CLIENTS[2]
    renewed = folder / "renewed"
    if repair:
        renewed.touch()
    stub = world.open_bison(cedar_token=cedar.new_token if renewed.exists() else None)
    sites = ExampleSites(pages=demo_pipeline.PAGES, people=demo_pipeline.PEOPLE)
    with (
        serve(stub, 0) as server,
        serve_sites(sites) as site,
        serve_verifier(VerifierStub()) as verifier,
        session(_settings(folder, server.url, verifier.url)) as wired,
    ):
        say(f"Database {folder}/demo.db, Email Bison stub at {server.url}.")
        for client in world.CLIENTS:
            _prepare(wired, client, folder)
        _open_workspace(wired, world.DOVER)
        demo_pipeline.bring(wired, folder, site.url)
        if repair:
            _repair(wired, cedar)
        elif _refused(wired, cedar.slug):
            stub.revoke(cedar.token)
        _upload(wired, everybody)
        demo_pipeline.tell(wired)
        _summary(wired, everybody, folder)


def _forget(folder: Path, slugs: Iterable[str]) -> None:
    """Take away what demos make in ``folder``; whatever else lies there is somebody's."""
    lists = [f"{slug}.{kind}" for slug in slugs for kind in ("csv", "imported", "rejects.csv")]
    for name in ("demo.db", "demo.db-shm", "demo.db-wal", "secret.key", "renewed", *lists):
        (folder / name).unlink(missing_ok=True)


def _settings(folder: Path, bison_url: str, verifier_url: str) -> Settings:
    from maverick_adapters.settings import load_settings
    from maverick_adapters.vault import Vault

    key = folder / "secret.key"
    if not key.exists():
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(Vault.new_key())
    return load_settings(
        database_url=f"sqlite:///{folder}/demo.db",
        bison_url=bison_url,
        verifier="http",
        verifier_url=verifier_url,
        verifier_key="vk-stub",
        scrape_loopback=True,
        secret_key=key.read_text(),
        lease_seconds=_LEASE_SECONDS,
        log_level="ERROR",
    )


def _prepare(wired: Wired, client: Client, folder: Path) -> None:
    """Set the client up, unless an earlier run did."""
    from maverick_adapters.csv_files import open_sheet
    from maverick_runners.cli.demo_world import write_list

    _open_workspace(wired, client)
    path = folder / f"{client.slug}.csv"
    if path.with_suffix(".imported").exists():
        return
    rejects = folder / f"{client.slug}.rejects.csv"
    rejects.unlink(missing_ok=True)  # of a run that was interrupted
    write_list(client, path)
    order = ImportOrder(
        client.slug,
        open_sheet(path),
        Choices.parse((), ("State",)),
        rejects,
    )
    run_import(wired.import_contacts, order, Form.TABLE)
    path.with_suffix(".imported").touch()


def _open_workspace(wired: Wired, client: Client) -> None:
    known = {workspace.slug for workspace in wired.store.workspaces()}
    if client.slug not in known:
        wired.store.add_workspace(new_workspace(client.slug, client.timezone))
    workspace = wired.store.workspace(client.slug)
    if wired.store.token_status(workspace.id) is None:
        wired.set_token(client.slug, client.token)
    month = wired.show_target(client.slug).month
    if wired.store.account(workspace.id, month).target != client.target:
        wired.set_target(client.slug, month, client.target)


def _refused(wired: Wired, slug: str) -> bool:
    return wired.store.workspace(slug).hold is Hold.TOKEN_REFUSED


def _repair(wired: Wired, client: Client) -> None:
    wired.set_token(client.slug, client.new_token)
    wanted = BatchFilter(frozenset({BatchState.FAILED}), client.slug)
    for batch in wired.store.batches(wanted, limit=1_000):
        wired.requeue_batch(batch.id, by="demo", reason="token replaced")
        say(f"Replaced the token of {client.slug} and re-queued {batch_name(batch.id)}.")


def _upload(wired: Wired, clients: Sequence[Client]) -> None:
    for client in clients:
        wired.plan_batches(client.slug)
    uploading.upload(wired, slug=None, output=Form.TABLE)


def _summary(wired: Wired, clients: Sequence[Client], folder: Path) -> None:
    reports = [wired.show_target(client.slug) for client in clients]
    targets.print_reports(reports)
    uploaded = sum(report.account.uploaded for report in reports)
    say(f"{uploaded:,} contacts uploaded and counted, each exactly once.")
    failed = wired.store.batches(BatchFilter(frozenset({BatchState.FAILED})), limit=10)
    for batch in failed:
        _explain(batch, folder)
    if not failed:
        say("Nothing is left to do. Begin again with: make demo ARGS=--reset")


def _explain(batch: BatchView, folder: Path) -> None:
    say(f"{batch_name(batch.id)} of {batch.slug} failed for its token. You would now run:")
    say(f"    maverick tokens set {batch.slug}")
    say(f"    maverick batches requeue {batch_name(batch.id)}")
    say("    maverick batches upload")
    option = "" if folder == Path("demo-data") else f" --dir {folder}"
    say("In this demo, one command does all three:")
    say(f"    make demo ARGS=--repair        (or: maverick demo --repair{option})")
