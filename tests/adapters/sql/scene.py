"""A store with something in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from maverick_adapters.memory import ManualClock
from maverick_adapters.sql import SqlStore
from maverick_adapters.vault import Vault
from maverick_core.kernel.time import Month
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.upload.ports import Claim
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import Workspace, new_workspace

TOKEN = "12|AbCdEfGh"  # noqa: S105 - made up
IDENTITY = TokenIdentity(7, "Acme Insurance")
NOVEMBER = Month(2026, 11)
LEASE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Scene:
    """A store on a database, and the verbs that put something in it."""

    store: SqlStore
    clock: ManualClock

    def workspace(self, slug: str = "acme", *, target: int = 1_000) -> Workspace:
        """Add a workspace that may upload."""
        now = self.clock.now()
        workspace = self.store.add_workspace(new_workspace(slug, "UTC"))
        self.store.store_token(workspace.id, TOKEN, IDENTITY, at=now)
        self.store.set_target(workspace.id, NOVEMBER, target, at=now)
        return self.store.workspace(slug)

    def contacts(self, workspace: Workspace, count: int, *, prefix: str = "p") -> None:
        """Import ``count`` contacts."""
        now = self.clock.now()
        import_id = self.store.begin_import(workspace.id, f"{prefix}.csv", at=now)
        people = [contact(f"{prefix}{number}") for number in range(count)]
        self.store.add_contacts(import_id, people, rows_read=count, at=now)
        self.store.finish_import(import_id, at=now)

    def plan(self, workspace: Workspace, *sizes: int) -> range:
        """Make batches of ``sizes`` out of the contacts that are free."""
        with self.store.reserve(workspace.id, NOVEMBER) as reservation:
            ids = iter(reservation.eligible(after=0, limit=sum(sizes)))
            batches = [[next(ids) for _ in range(size)] for size in sizes]
            return reservation.add_batches(batches, campaign_id=workspace.campaign_id)

    def batch(self, size: int, slug: str = "acme") -> int:
        """Make a workspace and one ready batch of it."""
        workspace = self.workspace(slug)
        self.contacts(workspace, size)
        return self.plan(workspace, size)[0]

    def claim(self, batch_id: int) -> Claim:
        """Claim a batch that is there to be claimed."""
        claim = self.store.claim(batch_id, worker="worker-1", lease_seconds=LEASE)
        assert isinstance(claim, Claim), claim
        return claim


def scene_on(engine: Engine, *, chunk_size: int = 500) -> Scene:
    """Return a scene on a database that has its tables."""
    clock = ManualClock()
    vault = Vault.from_secret(Vault.new_key())
    return Scene(SqlStore(engine, clock, vault, chunk_size=chunk_size), clock)


def contact(name: str) -> NewContact:
    """Return a made-up contact."""
    return NewContact(f"{name}@agency.example", "Pat", None, None, None, None, None)
