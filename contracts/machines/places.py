"""One store of several that are driven together; ids are its own, names are what all share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from contracts.store.site import Site
from maverick_core.pipeline.invariants import Snapshot
from maverick_core.pipeline.upload.ports import Claim, NotClaimed
from maverick_core.pipeline.views import MemberView

NOBODY = 10**9  # an id that no store gives out


class Place:
    """A store with the claims that were made in it.

    Contacts are called by workspace and e-mail, batches by their age: 0 is the first one.
    """

    def __init__(self, site: Site) -> None:
        """Start with an empty store."""
        self.site = site
        self.record = site.record
        self.claims: list[Claim] = []
        self._snapshot: Snapshot | None = None

    def forget(self) -> None:
        """Look again: something was done."""
        self._snapshot = None

    @property
    def books(self) -> Snapshot:
        """Everything on record, read once a step."""
        if self._snapshot is None:
            self._snapshot = self.record.snapshot()
        return self._snapshot

    def workspace_id(self, slug: str) -> int:
        """Return its id, or raise the store's own ``Missing``."""
        return self.record.workspace(slug).id

    def batch_id(self, age: int) -> int:
        """Return the id of a batch by its age, or one that does not exist."""
        ids = [row.id for row in self.books.batches]
        return ids[age] if age < len(ids) else NOBODY

    def age(self, batch_id: int) -> int:
        """Return how many batches are older."""
        return [row.id for row in self.books.batches].index(batch_id)

    def contact_ids(self, batch_id: int, emails: Iterable[str]) -> list[int]:
        """Return the ids of a batch's members by e-mail."""
        books = self.books
        ids = {
            books.contact[row.contact_id].email: row.contact_id
            for row in books.members
            if row.batch_id == batch_id
        }
        return [ids[email] for email in emails]

    def claim(self, age: int, worker: str, lease_seconds: float) -> object:
        """Claim and remember the claim; returns what there is to do, by name."""
        answer = self.record.claim(self.batch_id(age), worker=worker, lease_seconds=lease_seconds)
        if isinstance(answer, NotClaimed):
            return answer
        self.claims.append(answer)
        email = {row.id: row.email for row in self.books.contacts}
        chunks = [
            (
                chunk.number,
                [email[contact] for contact in chunk.contacts],
                chunk.in_doubt,
                [(email[contact], lead) for contact, lead in chunk.to_attach],
            )
            for chunk in answer.chunks
        ]
        return (
            self.age(answer.batch_id),
            answer.fence,
            answer.campaign_id,
            answer.something_accepted,
            answer.something_attached,
            answer.cancel_requested,
            chunks,
        )

    def told(self) -> Mapping[str, object]:
        """Tell everything on record with ages for ids, so that stores can be compared."""
        books = self.books
        workspaces = self.record.workspaces()
        owner = {workspace.id: number for number, workspace in enumerate(workspaces)}
        contact = {row.id: number for number, row in enumerate(books.contacts)}
        batch = {row.id: number for number, row in enumerate(books.batches)}
        return {
            "workspaces": [(workspace.slug, workspace.hold) for workspace in workspaces],
            "contacts": [(owner[row.workspace_id], row.email) for row in books.contacts],
            "batches": [
                replace(row, id=batch[row.id], workspace_id=owner[row.workspace_id])
                for row in books.batches
            ],
            "members": [
                replace(row, batch_id=batch[row.batch_id], contact_id=contact[row.contact_id])
                for row in books.members
            ],
            "chunks": [replace(row, batch_id=batch[row.batch_id]) for row in books.chunks],
            "notifications": [
                (told.kind, told.slug, told.state) for told in self.record.notifications(limit=999)
            ],
            "outcomes": [
                replace(row, batch_id=batch[row.batch_id], contact_id=contact[row.contact_id])
                for row in books.outcomes
            ],
            "accounts": {
                (owner[key], month): account for (key, month), account in books.accounts.items()
            },
            "claimable": self.claimable(),
        }

    def claimable(self) -> list[int]:
        """Tell which batches a claim would be given."""
        return [self.age(batch_id) for batch_id in self.record.claimable(limit=100)]

    def seen(self, age: int) -> object:
        """Tell what people see of a batch, apart from instants and the words of the failure."""
        batch_id = self.batch_id(age)
        view = asdict(self.record.batch(batch_id))
        for own in ("id", "created_at", "updated_at", "failure_detail"):
            del view[own]
        attempts, decisions = self.record.history(batch_id)
        return (
            view,
            [member(row) for row in self.record.members(batch_id)],
            [(row.fence, row.worker, row.result, row.code, row.detail) for row in attempts],
            [row.ended_at is None for row in attempts],
            [(row.action, row.by, row.reason) for row in decisions],
        )


def member(view: MemberView) -> tuple[object, ...]:
    """Tell of a member without its id."""
    return (view.email, view.state, view.lead_id, view.reason)
