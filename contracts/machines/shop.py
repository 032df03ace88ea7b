"""What people do to all stores at once, and the demand that all of them answer the same."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from contracts.machines.lockstep import Lockstep
from contracts.machines.places import Place
from contracts.store.site import IDENTITY, NOVEMBER, SiteFactory, contact
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.invariants import broken
from maverick_core.workspaces.rules import new_workspace

CHUNK: Final = 2  # leads in one request
NAMES: Final = ("ann", "bob", "cy", "di", "eve", "flo", "gus", "hal")
CAMPAIGNS: Final = {"acme": None, "zeta": 42}

slugs = st.sampled_from(["acme", "zeta"])
months = st.sampled_from([NOVEMBER, NOVEMBER, Month(2026, 12)])
ages = st.integers(0, 4)
"""Of batches, now and then of one that does not exist."""


class Shop(Lockstep[Place]):
    """Has people do things; see ``Agreement`` for the workers."""

    def __init__(self, *factories: SiteFactory) -> None:
        """Take a fresh store of each factory."""
        super().__init__([Place(factory(chunk_size=CHUNK)) for factory in factories])

    @initialize(contacts=st.integers(2, 5))
    def open(self, contacts: int) -> None:
        """Begin where histories become interesting: with contacts, targets, tokens and plans."""
        for slug in CAMPAIGNS:
            self.add_workspace(slug)
            self.hear_of_token(slug, good=True)
            self.import_contacts(slug, list(NAMES[:5]), 0)
            self.plan(slug, NOVEMBER, 3, contacts)

    @rule(slug=st.sampled_from([*CAMPAIGNS, "late"]))
    def add_workspace(self, slug: str) -> None:
        """Add a workspace, which may be there already."""
        new = new_workspace(slug, "UTC", batch_size=2, campaign_id=CAMPAIGNS.get(slug))
        self.together(lambda place: place.record.add_workspace(new).hold)

    @rule(slug=slugs, good=st.booleans())
    def hear_of_token(self, slug: str, *, good: bool) -> None:
        """Store a good token, or find the one there is refused."""

        def act(place: Place) -> object:
            workspace_id, at = place.workspace_id(slug), place.site.clock.now()
            if good:
                place.record.store_token(workspace_id, "12|token", IDENTITY, at=at)
            else:
                place.site.refuse_token(workspace_id)
            return place.record.reveal_token(workspace_id), place.record.workspace(slug).hold

        self.together(act)

    @rule(
        slug=slugs,
        names=st.lists(st.sampled_from(NAMES), unique=True, max_size=4),
        no_contacts=st.integers(0, 2),
    )
    def import_contacts(self, slug: str, names: list[str], no_contacts: int) -> None:
        """Import a list, some of it known, and ``no_contacts`` rows of it none at all."""
        new = [contact(name) for name in names]

        def act(place: Place) -> object:
            workspace_id, at = place.workspace_id(slug), place.site.clock.now()
            import_id = place.record.begin_import(workspace_id, "list.csv", at=at)
            rows = len(new) + no_contacts
            known = place.record.add_contacts(import_id, new, rows_read=rows, at=at)
            return sorted(known), place.record.finish_import(import_id, at=at)

        self.together(act)

    @rule(
        slug=slugs,
        month=months,
        size=st.integers(1, 3),
        contacts=st.none() | st.integers(0, 6),
    )
    def plan(self, slug: str, month: Month, size: int, contacts: int | None) -> None:
        """Plan what there is room for, after setting a target of ``contacts`` where it is given."""

        def act(place: Place) -> object:
            record, clock = place.record, place.site.clock
            workspace_id = place.workspace_id(slug)
            if contacts is not None:
                record.set_target(workspace_id, month, contacts, at=clock.now())
            plan = PlanBatches(record, record, record, clock)(slug, month, batch_size=size)
            counted = record.recount(workspace_id, month)
            return plan.account, plan.batches, plan.contacts, plan.supply, counted

        self.together(act)

    @rule(age=ages)
    def requeue(self, age: int) -> None:
        """Send a batch round again."""
        self.together(
            lambda place: place.record.requeue(place.batch_id(age), place.site.decision("again"))
        )

    @rule(age=ages)
    def cancel(self, age: int) -> None:
        """Stop a batch."""
        self.together(
            lambda place: place.record.cancel(place.batch_id(age), place.site.decision("stop"))
        )

    @rule(age=ages, slug=slugs, name=st.sampled_from(NAMES), month=months)
    def look(self, age: int, slug: str, name: str, month: Month) -> None:
        """See a batch as people do, and ask where a contact is and what was uploaded."""

        def ask(place: Place) -> object:
            workspace_id = place.workspace_id(slug)
            uploads = place.record.uploads(workspace_id, month)
            trace = place.record.trace(workspace_id, contact(name).email)
            age = trace.batch_id and place.age(trace.batch_id)
            return sum(count for _, count in uploads), trace.state, age

        self.together(lambda place: place.seen(age))
        self.together(ask)

    @invariant()
    def the_laws_hold(self) -> None:
        """Ask every law of the first store; the others hold the same."""
        assert broken(self.first.books) == []
