"""Fifty workspaces on both sides, and what people do to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final

from sqlalchemy import select

from contracts.bison.stub import BisonStub, Fault, Switches
from maverick_adapters.container import Wired
from maverick_adapters.sql import SqlStore, upgrade
from maverick_adapters.sql.tables import contact_batches
from maverick_adapters.vault import Vault
from maverick_core.kernel.errors import Conflict
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.workspaces.rules import Workspace, new_workspace

CHUNK: Final = 40  # leads in one request: small, so that batches of few contacts take many steps
PERSONAL: Final = "mail.test"
"""Addresses there are skipped in silence."""
FAULTY: Final = frozenset({"refused", "attach_refused"})
"""Why a batch may fail in fair weather."""
_ZONES: Final = ("America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "UTC")


def switches() -> Switches:
    """Return how the stub behaves apart from faults."""
    return Switches(personal_domain_list=frozenset({PERSONAL}))


@dataclass
class Town:
    """Everybody, on record and at the stub. Each draw comes from ``rng``."""

    wired: Wired
    stub: BisonStub
    rng: Random
    done: Counter[str] = field(default_factory=Counter)
    """What people did, counted by name."""
    decided: set[int] = field(default_factory=set)
    """Batches that somebody decided about since the last audit."""
    ceilings: dict[tuple[int, str], int] = field(default_factory=dict)
    """The highest target of each month since the last audit."""

    def __post_init__(self) -> None:
        """Take a store that plans small chunks; the workers read their size from the record."""
        self._names = count(1)
        secret = self.wired.settings.secret_key
        assert secret
        vault = Vault.from_secret(secret.get_secret_value())
        store = SqlStore(self.wired.engine, self.wired.clock, vault, chunk_size=CHUNK)
        self._plan = PlanBatches(store, store, store, self.wired.clock)
        self.workspaces: list[Workspace] = []
        self.campaigns: dict[int, int] = {}

    def found(self, workspaces: int) -> None:
        """Make the workspaces, two of three with a campaign, and give each a first plan."""
        upgrade(self.wired.engine)
        for number in range(1, workspaces + 1):
            slug = f"client-{number}"
            self.stub.add_workspace(slug, f"{number}|token-0", id=number)
            campaign = self.stub.add_campaign(slug, "All") if number % 3 else None
            zone = self.rng.choice(_ZONES)
            self.wired.store.add_workspace(new_workspace(slug, zone, campaign_id=campaign))
            workspace = self.wired.store.workspace(slug)
            self.workspaces.append(workspace)
            if campaign:
                self.campaigns[workspace.id] = campaign
            self.wired.set_token(slug, f"{number}|token-0")
            self.set_target(workspace)
            self.import_and_plan(workspace)

    def import_and_plan(self, workspace: Workspace) -> None:
        """Bring new contacts and plan what there is room for."""
        now, store = self.wired.clock.now(), self.wired.store
        emails = [self._email(workspace) for _ in range(self.rng.randint(20, 600))]
        self._draw_natures(emails)
        import_id = store.begin_import(workspace.id, "list.csv", at=now)
        contacts = [NewContact(email, "Pat", None, None, None, None, None) for email in emails]
        store.add_contacts(import_id, contacts, rows_read=len(contacts), at=now)
        self.plan(workspace)

    def _email(self, workspace: Workspace) -> str:
        domain = PERSONAL if self.rng.random() < 0.03 else f"{workspace.slug}.soak.example"
        return f"p{next(self._names)}@{domain}"

    def _draw_natures(self, emails: list[str]) -> None:
        """Draw once what Email Bison thinks of each: it refuses some, and will not attach some."""
        for email in emails:
            if self.rng.random() < 0.01:
                self.stub.refuse(email, f"{email} looks odd to us.")
        elsewhere = frozenset(email for email in emails if self.rng.random() < 0.01)
        if elsewhere:
            self.stub.script(Fault("refuse_attach", emails=elsewhere))

    def plan(self, workspace: Workspace) -> None:
        """Plan what there is room for."""
        self._plan(workspace.slug, batch_size=self.rng.randint(30, 400))

    def set_target(self, workspace: Workspace) -> None:
        """Set the month's target, up or down."""
        month = Month.of(self.wired.clock.now(), workspace.zone)
        account = self.wired.store.account(workspace.id, month)
        target = max(0, account.uploaded + account.reserved + self.rng.randint(-100, 900))
        key = (workspace.id, str(month))
        self.ceilings[key] = max(target, self.ceilings.get(key, 0))
        self.wired.set_target(workspace.slug, month, target)

    def requeue(self, *, whatever: bool = False) -> None:
        """Re-queue a failed batch, or one in whatever state, which is refused."""
        found = self._batches(None if whatever else BatchState.FAILED)
        if not found:
            return
        batch = self.rng.choice(found)
        self.decided.add(batch)
        try:
            self.wired.requeue_batch(batch, by="kim")
        except Conflict:
            self.done["re-queue refused"] += 1

    def requeue_all(self) -> int:
        """Re-queue every failed batch that is not at fault itself; return how many there were."""
        found = [
            batch
            for batch in self._batches(BatchState.FAILED)
            if self.wired.store.batch(batch).failure_code not in FAULTY
        ]
        for batch in found:
            self.decided.add(batch)
            self.wired.requeue_batch(batch, by="kim")
        return len(found)

    def cancel(self) -> None:
        """Cancel one of the last batches, whatever state it is in."""
        batch = self.rng.choice(self._batches()[-30:])
        self.decided.add(batch)
        try:
            self.wired.cancel_batch(batch, by="kim")
        except Conflict:
            self.done["cancel refused"] += 1

    def replace_token(self, workspace: Workspace) -> str:
        """Let Email Bison know a new token only, and return it; nobody has told us of it yet."""
        number = self.workspaces.index(workspace) + 1
        token = f"{number}|token-{next(self._names)}"
        self.stub.replace_token(workspace.slug, token)
        return token

    def some_batches(self, most: int) -> list[int]:
        """Draw a few of the last batches."""
        last = self._batches()[-60:]
        return self.rng.sample(last, min(most, len(last)))

    def _batches(self, state: BatchState | None = None) -> list[int]:
        query = select(contact_batches.c.id).order_by(contact_batches.c.id)
        if state:
            query = query.where(contact_batches.c.state == state)
        with self.wired.engine.connect() as connection:
            return list(connection.execute(query).scalars())
