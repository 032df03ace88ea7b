"""The whole main job on one store: the real adapter over HTTP, the stub at the other end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

import httpx

from contracts.bison.stub import BisonStub, Switches
from contracts.store.site import LEASE, NOVEMBER, Site
from maverick_adapters.bison import HttpBison
from maverick_adapters.memory import InstantAirfield
from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.invariants import Enrolled, Held
from maverick_core.pipeline.upload.service import Ended, Upload, UploadBatch, UploadTerms
from maverick_core.targets.rules import TargetAccount

TOKEN: Final = "12|AbCdEfGhIjKl"  # noqa: S105 - made up


class Rig:
    """One workspace on record and at the destination, and the upload between the two."""

    def __init__(self, site: Site, stub: BisonStub, bison: HttpBison, *, campaign: bool) -> None:
        """Open the workspace on both sides."""
        self.site, self.stub = site, stub
        stub.add_workspace("acme", TOKEN, id=7)
        self.campaign_id = stub.add_campaign("acme", "Homeowners") if campaign else None
        self.workspace = site.workspace(campaign_id=self.campaign_id, token=TOKEN, target=100_000)
        self._airfield = InstantAirfield(site.clock)
        terms = UploadTerms(LEASE)
        self.upload = UploadBatch(site.record, site.record, bison, self._airfield, terms)

    def plan(self, contacts: Sequence[NewContact], *, batch_size: int) -> range:
        """Import contacts and put batches of them on record."""
        now, record = self.site.clock.now(), self.site.record
        import_id = record.begin_import(self.workspace.id, "list.csv", at=now)
        record.add_contacts(import_id, contacts, rows_read=len(contacts), at=now)
        ids = self.site.ids(self.workspace)
        members = [ids[contact.email] for contact in contacts]
        starts = range(0, len(members), batch_size)
        return self.site.plan(
            self.workspace, *(members[start : start + batch_size] for start in starts)
        )

    def start(self, batch_id: int) -> Upload:
        """Return an upload before its first step."""
        return self.upload.start(batch_id, worker="worker-1")

    def run(self, batch_id: int) -> Ended:
        """Upload to the end, after every lease of dead workers has run out."""
        self.site.leases_run_out()
        return self.upload(batch_id, worker="worker-2")

    def account(self) -> TargetAccount:
        """Return November's account, which is also what a recount gives."""
        account = self.site.record.account(self.workspace.id, NOVEMBER)
        assert account == self.site.record.recount(self.workspace.id, NOVEMBER)
        return account

    def held(self) -> Held:
        """Return what the destination holds."""
        return {self.workspace.id: frozenset(self.stub.held("acme"))}

    def enrolled(self) -> Enrolled:
        """Return who is in the campaign."""
        if self.campaign_id is None:
            return {}
        return {self.campaign_id: frozenset(self.stub.held_in_campaign(self.campaign_id))}

    def broken(self, *, at_rest: bool = True) -> list[str]:
        """Ask every law of the record against the destination."""
        now = self.site.record.snapshot()
        return laws.broken(now, self.held(), self.enrolled(), at_rest=at_rest)


RigFactory = Callable[..., Rig]


@contextmanager
def rig(site: Site, *, campaign: bool = False, switches: Switches | None = None) -> Iterator[Rig]:
    """Build a rig with the stub in this process, and take its connections down again.

    Attaching is not confirmed, because that pushes the leads once more and pushes are counted.
    """
    stub = BisonStub(switches or Switches(), sleep=site.clock.advance)
    bison = HttpBison(
        "http://localhost",
        site.record,
        transports=lambda: httpx.WSGITransport(stub.app),
        requests_per_minute=1_000_000,
        confirm_attach=False,
        sleep=site.clock.advance,
    )
    with closing(bison):
        yield Rig(site, stub, bison, campaign=campaign)
