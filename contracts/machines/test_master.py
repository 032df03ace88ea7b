"""Any history: the list ends as one made afresh would, and no refill brings whom it must not."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.store.catalogue import (
    RUN,
    address,
    bounce,
    fill,
    filtering,
    held_by,
    judge,
    master,
    refill,
    settle,
    suppress,
)
from contracts.store.site import Site, SiteFactory
from maverick_core.kernel.time import Month
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.master_fill.rules import TAKEN
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.verification.verdicts import Reason, Verdict

NAMES: Final = ("ann", "ben", "cleo", "dana")
SLUGS: Final = ("acme", "bolt")
DAYS: Final = 10

slugs = st.sampled_from(SLUGS)
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
overlaps = st.sampled_from((Overlap(), Overlap(DAYS)))


class Catalogue(RuleBasedStateMachine):
    """Two workspaces, four mailboxes, and whatever may happen to them."""

    sites: ClassVar[SiteFactory]

    def __init__(self) -> None:
        """Start with workspaces that nobody has brought anything to."""
        super().__init__()
        self.site: Site = type(self).sites()
        self.workspaces = {slug: self.site.workspace(slug, target=50) for slug in SLUGS}
        self.settled: dict[tuple[str, str], tuple[Outcome, float]] = {}
        self.batched: set[tuple[str, str]] = set()
        self.unwanted: set[tuple[str, str]] = set()
        self.listed: set[tuple[str | None, str]] = set()
        self.elapsed = 0.0
        self.filled = False

    @rule(slug=slugs, who=names)
    def import_verified(self, slug: str, who: list[str]) -> None:
        """Import contacts that are verified already."""
        self.site.contacts(self.workspaces[slug], *who)
        self.filled = False

    @rule(slug=slugs, who=names, title=st.sampled_from((None, "Agent")))
    def bring_raw(self, slug: str, who: list[str], title: str | None) -> None:
        """Bring raw contacts, with more of a person or with less."""
        rows = [
            NewRaw(at, email=address(name), first_name=name.title(), title=title)
            for at, name in enumerate(who, start=1)
        ]
        workspace = self.workspaces[slug]
        self.site.record.add_raw(workspace.id, RUN, rows, at=self.site.clock.now())

    @rule(slug=slugs)
    def filter(self, slug: str) -> None:
        """Judge what waits."""
        filtering(self.site)(slug, lambda _rows, _codes: None)
        self.filled = False

    @rule(slug=slugs, verdict=st.sampled_from((Verdict.VALID, Verdict.RISKY, Verdict.INVALID)))
    def verify(self, slug: str, verdict: Verdict) -> None:
        """Find one thing of all that wait."""
        judge(self.site, self.workspaces[slug], verdict, Reason.MAILBOX_EXISTS)
        self.filled = False

    @rule(slug=slugs, outcome=st.sampled_from((None, *TAKEN, Outcome.SKIPPED, Outcome.REJECTED)))
    def upload(self, slug: str, outcome: Outcome | None) -> None:
        """Put all free contacts into a batch, and maybe send it."""
        workspace = self.workspaces[slug]
        ids = self.site.ids(workspace)
        free = [email for email in ids if (slug, email) not in self.batched]
        if not free:
            return
        batch_id = self.site.plan(workspace, [ids[email] for email in free])[0]
        self.batched |= {(slug, email) for email in free}
        if outcome is not None:
            settle(self.site, batch_id, [ids[email] for email in free], outcome)
            event = (outcome, self.elapsed)
            self.settled |= {(slug, email): event for email in free}
            self.filled = False

    @rule(slug=st.none() | slugs, name=st.sampled_from(NAMES))
    def unsubscribe(self, slug: str | None, name: str) -> None:
        """Let somebody want no mail of one, or of all."""
        suppress(self.site, self.workspaces[slug] if slug else None, name)
        self.unwanted |= {(each, address(name)) for each in ([slug] if slug else SLUGS)}
        self.listed.add((slug, name))

    @rule(slug=slugs, name=st.sampled_from(NAMES))
    def bounces(self, slug: str, name: str) -> None:
        """Let a mail of one workspace bounce: nobody else is to have the mailbox.

        Who is suppressed there already stays so for the reason that is on record.
        """
        bounce(self.site, self.workspaces[slug], name)
        known = (slug, name) in self.listed
        self.unwanted |= {(each, address(name)) for each in ([slug] if known else SLUGS)}
        self.listed.add((slug, name))

    @rule(days=st.integers(0, DAYS))
    def wait(self, days: int) -> None:
        """Let days go by; the month may end."""
        seconds = timedelta(days=days).total_seconds()
        self.elapsed += seconds
        self.site.clock.advance(seconds)

    @rule(page_size=st.integers(1, 3))
    def fill(self, page_size: int) -> None:
        """Tell the list what came in."""
        fill(self.site, page_size=page_size)
        self.filled = True

    @rule(slug=slugs, overlap=overlaps, wanted=st.sampled_from((5, 50)), afresh=st.booleans())
    def refill(self, slug: str, overlap: Overlap, wanted: int, *, afresh: bool) -> None:
        """Refill a workspace; whom that brought must have been allowed."""
        workspace = self.workspaces[slug]
        if afresh:
            self.fill(page_size=2)
        before = set(held_by(self.site, workspace))
        own = set(self.site.ids(workspace))
        now = self.site.clock.now()
        month = Month.of(now, workspace.zone)
        self.site.record.set_target(workspace.id, month, wanted, at=now)

        done = refill(self.site, workspace, overlap=overlap, page_size=2)

        after = held_by(self.site, workspace)
        brought = set(after) - before
        assert len(after) == len(set(after)), "a mailbox was brought twice"
        assert len(brought) <= done.short
        assert not brought & own, "the workspace had it"
        for email in brought:
            assert (slug, email) not in self.unwanted, "suppressed, or bounced"
            self._check_overlap(slug, email, overlap)

    @precondition(lambda self: self.filled)
    @rule()
    def make_afresh(self) -> None:
        """Compare what followed page by page with what is made at once."""
        followed = master(self.site)
        fill(self.site, rebuild=True)

        assert master(self.site) == followed

    @invariant()
    def nobody_is_told_twice(self) -> None:
        """Hold the count of workspaces to those that there are."""
        holders = {slug: set(self.site.ids(each)) for slug, each in self.workspaces.items()}
        for contact in master(self.site):
            assert contact.workspaces <= len(SLUGS)
            assert contact.workspaces >= 1 or not any(
                contact.email in there for there in holders.values()
            )

    def _check_overlap(self, slug: str, email: str, overlap: Overlap) -> None:
        events = [event for (who, which), event in self.settled.items() if which == email != who]
        if events:
            latest = max(at for _, at in events)
            last = {outcome for outcome, at in events if at == latest}
            assert last != {Outcome.REJECTED}, "refused when it was last uploaded"
        for other, workspace in self.workspaces.items():
            if other == slug or email not in self.site.ids(workspace):
                continue
            outcome, at = self.settled.get((other, email), (None, 0.0))
            if overlap.days is None:
                assert outcome in (Outcome.SKIPPED, Outcome.REJECTED), "held elsewhere"
            else:
                assert outcome or (other, email) not in self.batched, "about to be sent elsewhere"
                days = (self.elapsed - at) / timedelta(days=1).total_seconds()
                assert outcome not in TAKEN or days >= overlap.days, "uploaded lately elsewhere"


@pytest.mark.parametrize(
    ("store", "examples"), [("memory", 300), ("sqlite", 6), ("postgres", 4)], ids=str
)
def test_any_history(request: pytest.FixtureRequest, store: str, examples: int) -> None:
    """Coarse rules over a tiny world; many histories in memory, a few on each database."""
    Catalogue.sites = request.getfixturevalue(f"{store}_sites")
    run_state_machine_as_test(
        Catalogue,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
